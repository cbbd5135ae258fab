/**
 * A plugin of oxlint: the one shape of an operation, which is what workflows call (S122). Each takes one object and
 * answers with one type, so that a field can be added while both versions work, and whoever calls it looks at the
 * answer.
 */

interface Node {
  readonly type: string;
  readonly [property: string]: unknown;
}

interface Context {
  readonly report: (problem: { readonly node: Node; readonly message: string }) => void;
  readonly options: readonly unknown[];
}

type Visitor = Readonly<Record<string, (node: Node) => void>>;

const nodeOf = (value: unknown): Node | undefined => (value ?? undefined) as Node | undefined;
const nodesOf = (value: unknown): readonly Node[] => (value ?? []) as readonly Node[];

/** `interface Activities` lists what workflows call: name, one argument, `Promise` of an answer. */
const oneArgument = {
  meta: {
    schema: [{ type: 'object', properties: { except: { type: 'array', items: { type: 'string' } } } }],
  },
  create(context: Context): Visitor {
    const options = context.options[0] as { readonly except?: readonly string[] } | undefined;
    const except = options?.except ?? [];
    const check = (member: Node): void => {
      const name = String(nodeOf(member['key'])?.['name']);
      const problem = (message: string): void => context.report({ node: member, message: `${name} ${message}` });
      const shape = nodeOf(nodeOf(member['typeAnnotation'])?.['typeAnnotation']);
      if (member.type !== 'TSPropertySignature' || member['readonly'] !== true || shape?.type !== 'TSFunctionType') {
        problem('must be a readonly property of a function type');
        return;
      }
      const parameters = nodesOf(shape['params']);
      const isOdd = parameters.length > 1 || parameters.some((parameter) => !isObject(parameter));
      if (isOdd && !except.includes(name)) problem('must take one object and nothing else');
      if (!isOdd && except.includes(name)) problem('is excepted without need');
      if (!answers(nodeOf(nodeOf(shape['returnType'])?.['typeAnnotation']))) {
        problem('must answer with a Promise of one named or literal type');
      }
    };
    return {
      TSInterfaceDeclaration(node) {
        if (nodeOf(node['id'])?.['name'] === 'Activities') nodesOf(nodeOf(node['body'])?.['body']).forEach(check);
      },
    };
  },
};

/** A parameter whose type has a name, so that it has one place where it is described. */
const isObject = (parameter: Node): boolean =>
  parameter.type === 'Identifier' &&
  nodeOf(nodeOf(parameter['typeAnnotation'])?.['typeAnnotation'])?.type === 'TSTypeReference';

/** `Promise<Outcome>`; not of any or unknown, which say nothing. */
function answers(type: Node | undefined): boolean {
  const given = nodesOf(nodeOf(type?.['typeArguments'])?.['params']);
  return (
    nodeOf(type?.['typeName'])?.['name'] === 'Promise' &&
    given.length === 1 &&
    !['TSAnyKeyword', 'TSUnknownKeyword'].includes(given[0]?.type ?? '')
  );
}

const PROXIES = new Set(['proxyActivities', 'proxyLocalActivities']);

/** In a workflow, what an operation answers is looked at or given on. */
const noIgnoredAnswer = {
  create(context: Context): Visitor {
    const operations = new Set<string>();
    return {
      VariableDeclarator(node) {
        const call = nodeOf(node['init']);
        const caller = nodeOf(call?.['callee'])?.['name'];
        if (call?.type !== 'CallExpression' || typeof caller !== 'string' || !PROXIES.has(caller)) return;
        const pattern = nodeOf(node['id']);
        if (pattern?.type !== 'ObjectPattern') {
          context.report({ node, message: 'Take operations out of their proxy by name' });
          return;
        }
        for (const property of nodesOf(pattern['properties'])) {
          const local = nodeOf(property['value'])?.['name'];
          if (typeof local === 'string') operations.add(local);
        }
      },
      ExpressionStatement(node) {
        let expression = nodeOf(node['expression']);
        while (expression?.type === 'AwaitExpression' || expression?.type === 'UnaryExpression') {
          expression = nodeOf(expression['argument']);
        }
        const name = nodeOf(expression?.['callee'])?.['name'];
        if (typeof name === 'string' && operations.has(name)) {
          context.report({ node, message: `What ${name} answers is ignored: look at it, or give it on` });
        }
      },
    };
  },
};

export default {
  meta: { name: 'operations' },
  rules: { 'one-argument': oneArgument, 'no-ignored-answer': noIgnoredAnswer },
};
