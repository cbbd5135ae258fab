/**
 * A plugin of oxlint: what a request becomes on its way to a command (docs/architecture.md). In `api/` nothing writes:
 * commands are in `activities/`. A file may change a row only by a call of one of these names, whatever the entity
 * manager is called there. And a command's scope is handed on as it is.
 */

interface Node {
  readonly type: string;
  readonly [property: string]: unknown;
}

interface Context {
  readonly report: (problem: { readonly node: Node; readonly message: string }) => void;
}

/** Of MikroORM's entity manager, and of Kysely. */
const WRITES: ReadonlySet<string> = new Set([
  'create',
  'persist',
  'assign',
  'remove',
  'flush',
  'insert',
  'insertMany',
  'upsert',
  'upsertMany',
  'nativeUpdate',
  'nativeDelete',
  'lock',
  'insertInto',
  'updateTable',
  'deleteFrom',
  'mergeInto',
]);

/** Without an argument they are other functions: MikroORM's take what is to be written. */
const NEED_ARGUMENTS: ReadonlySet<string> = new Set(['remove', 'create', 'assign']);

const nodeOf = (value: unknown): Node | undefined => (value ?? undefined) as Node | undefined;

/** `Object.create`, `Object.assign`: JavaScript's own. */
const isOfObject = (callee: Node): boolean => nodeOf(callee['object'])?.['name'] === 'Object';

const writesNothing = {
  create(context: Context) {
    const report = (node: Node, name: string): void =>
      context.report({ node, message: `${name} writes: commands are in activities/` });
    return {
      CallExpression(node: Node): void {
        const callee = nodeOf(node['callee']);
        if (callee?.type === 'Identifier' && callee['name'] === 'sql') report(node, 'sql');
        if (callee?.type !== 'MemberExpression' || isOfObject(callee)) return;
        const name = String(nodeOf(callee['property'])?.['name']);
        const hasArguments = (node['arguments'] as readonly Node[]).length > 0;
        if (WRITES.has(name) && (hasArguments || !NEED_ARGUMENTS.has(name))) report(node, name);
      },
      TaggedTemplateExpression(node: Node): void {
        if (nodeOf(node['tag'])?.['name'] === 'sql') report(node, 'sql');
      },
    };
  },
};

/** A command's scope reads the real time whenever it is asked for it: a copy by `...` has read it once. */
const scopeIsNotCopied = {
  create(context: Context) {
    return {
      SpreadElement(node: Node): void {
        const given = nodeOf(node['argument']);
        const named = given?.type === 'CallExpression' ? nodeOf(given['callee']) : given;
        const name = named?.type === 'MemberExpression' ? nodeOf(named['property'])?.['name'] : named?.['name'];
        if (!/^(scope|\w+Scope|\w*scopeOf|\w+ScopeOf|scopeWith)$/.test(String(name))) return;
        context.report({ node, message: `...${String(name)} freezes realTime: take what is needed, or scopeWith` });
      },
    };
  },
};

export default {
  meta: { name: 'rooms' },
  rules: { 'writes-nothing': writesNothing, 'scope-is-not-copied': scopeIsNotCopied },
};
