import { parseSync, scanSync, type AlterTableCmd, type ColumnDef, type Constraint, type Node } from 'libpg-query';

/** What a migration does, as far as it can be read without a database. */
export interface ReadMigration {
  readonly name: string;
  /** `false`: its statements commit one by one, as building an index beside the work needs. */
  readonly isTransactional: boolean;
  /** The SQL of each `addSql`. */
  readonly statements: readonly string[];
}

export interface Finding {
  readonly migration: string;
  readonly rule: Rule;
  readonly message: string;
  readonly sql: string;
}

/** What each rule is against, and the way around it. */
const RULES = {
  'create-index':
    'keeps everybody from writing while it is built: `create index concurrently`, in a migration of its own',
  'drop-index': 'waits for everybody and lets nobody pass: `drop index concurrently`, in a migration of its own',
  'column-type':
    'rewrites the table behind a lock: a new column, filled in pages, then the old one goes a release later',
  'not-null':
    'reads the whole table behind a lock: a check `not valid`, validated by a later migration, then this with a mark',
  'no-default': 'fails on rows that are there, and on those that the running version inserts: give it a default',
  'rewrites-table': 'writes every row anew behind a lock: add it without, then fill it in pages',
  'validates-at-once':
    'reads the whole table behind a lock: `not valid` here, `validate constraint` in a later migration',
  'validates-too-early': 'is still behind the lock of this migration: validate in a later one',
  'builds-index': 'builds an index behind a lock: build it concurrently, then `using index`',
  drops: 'takes away what the running version may use: stop using it, release, then drop it with a mark',
  renames: 'takes away what the running version uses: add the new one, use it, release, then drop the old one',
  'changes-rows':
    'changes rows of tables at work in one transaction: a workflow does it in pages, or mark why it is short',
  locks: 'keeps everybody out for as long as it runs',
  opaque: 'cannot be read from here: plain statements given to addSql, or a mark that says why it is safe',
  'needs-no-transaction': 'cannot run in a transaction: `override isTransactional(): boolean { return false; }`',
  'not-repeatable':
    'may be cut off halfway and run again: only `drop index concurrently if exists` with, right behind it, ' +
    '`create index concurrently` of the same name, or `validate constraint`',
  mark: 'says no reason, or allows what is not there',
} as const satisfies Readonly<Record<string, string>>;

export type Rule = keyof typeof RULES;

/** `-- allow <rule>: <reason>` within the SQL of one addSql; a reason has at least three words. */
const MARK = /^--\s*allow\s+(?<rule>[\w-]+)(?::\s*(?<reason>.*))?$/;
const REASON_WORDS_MIN = 3;

/**
 * What a migration must not do to tables that are in use: wait for a lock behind which everybody waits, keep one for
 * long, or take away what the version that is still running needs (docs: CONTRIBUTING.md, Changing tables). What is
 * not known to be harmless is a finding. Tables that the migration itself has made are free.
 */
export function findingsOf(migration: ReadMigration): Finding[] {
  const made = new Set<string>();
  const findings: Finding[] = [];
  const locked = new Set<string>();
  let droppedBefore: string | undefined;
  for (const sql of migration.statements) {
    const found = new Set<Rule>();
    for (const { stmt } of parseSync(sql).stmts ?? []) {
      if (!stmt) continue;
      for (const rule of rulesBroken(stmt, made)) found.add(rule);
      if (!migration.isTransactional) {
        if (!isRepeatable(stmt, droppedBefore)) found.add('not-repeatable');
      } else if (isConcurrent(stmt)) found.add('needs-no-transaction');
      const altered = 'AlterTableStmt' in stmt ? (stmt.AlterTableStmt.relation?.relname ?? '') : undefined;
      if (altered !== undefined && migration.isTransactional) {
        if (validates(stmt) && locked.has(altered)) found.add('validates-too-early');
        if (!validates(stmt)) locked.add(altered);
      }
      if ('CreateStmt' in stmt && !stmt.CreateStmt.inhRelations) made.add(stmt.CreateStmt.relation?.relname ?? '');
      droppedBefore = indexDropped(stmt);
    }
    const { allowed, empty } = marksOf(sql);
    const report = (rule: Rule, message: string): void => {
      findings.push({ migration: migration.name, rule, message, sql });
    };
    for (const rule of found) if (!allowed.has(rule)) report(rule, RULES[rule]);
    for (const rule of allowed)
      if (!found.has(rule as Rule)) report('mark', `"allow ${rule}" allows what is not there`);
    for (const rule of empty) report('mark', `"allow ${rule}" needs a reason: -- allow ${rule}: why it is safe here`);
  }
  return findings;
}

/** The rules that a statement's marks allow to be broken, and those whose marks have no reason. */
function marksOf(sql: string): { readonly allowed: ReadonlySet<string>; readonly empty: readonly string[] } {
  const allowed = new Set<string>();
  const empty: string[] = [];
  for (const { tokenName, text } of scanSync(sql).tokens) {
    const mark = tokenName === 'SQL_COMMENT' ? MARK.exec(text.trim())?.groups : undefined;
    if (mark?.['rule'] === undefined) continue;
    const { rule, reason = '' } = mark as { readonly rule: string; readonly reason?: string };
    allowed.add(rule);
    if (reason.split(/\s+/).filter((word) => /\w/.test(word)).length < REASON_WORDS_MIN) empty.push(rule);
  }
  return { allowed, empty };
}

function rulesBroken(node: Node, made: ReadonlySet<string>): Rule[] {
  const isMade = (relation: { relname?: string } | undefined): boolean => made.has(relation?.relname ?? '');
  if ('CreateStmt' in node) return node.CreateStmt.inhRelations ? ['locks'] : [];
  if ('IndexStmt' in node) {
    return node.IndexStmt.concurrent || isMade(node.IndexStmt.relation) ? [] : ['create-index'];
  }
  if ('AlterTableStmt' in node) {
    const { relation, cmds = [] } = node.AlterTableStmt;
    if (isMade(relation)) return [];
    return cmds.flatMap((command) => ('AlterTableCmd' in command ? ofCommand(command.AlterTableCmd) : ['opaque']));
  }
  if ('DropStmt' in node) {
    if (node.DropStmt.removeType === 'OBJECT_INDEX') return node.DropStmt.concurrent ? [] : ['drop-index'];
    return ['drops'];
  }
  if ('RenameStmt' in node) {
    return node.RenameStmt.renameType === 'OBJECT_INDEX' || isMade(node.RenameStmt.relation) ? [] : ['renames'];
  }
  if ('AlterObjectSchemaStmt' in node) return ['renames'];
  if ('InsertStmt' in node) {
    const { relation, selectStmt } = node.InsertStmt;
    const isOfConstants = selectStmt !== undefined && 'SelectStmt' in selectStmt && selectStmt.SelectStmt.valuesLists;
    return isMade(relation) || isOfConstants ? [] : ['changes-rows'];
  }
  if ('UpdateStmt' in node) return isMade(node.UpdateStmt.relation) ? [] : ['changes-rows'];
  if ('DeleteStmt' in node) return isMade(node.DeleteStmt.relation) ? [] : ['changes-rows'];
  if ('TruncateStmt' in node) return ['changes-rows', 'locks'];
  if ('LockStmt' in node || 'VacuumStmt' in node || 'ClusterStmt' in node || 'RefreshMatViewStmt' in node)
    return ['locks'];
  if ('ReindexStmt' in node) return ['locks'];
  const isHarmless =
    'CommentStmt' in node ||
    'VariableSetStmt' in node ||
    'CreateEnumStmt' in node ||
    'CreateDomainStmt' in node ||
    'CreateSeqStmt' in node ||
    'CreateExtensionStmt' in node ||
    ('ViewStmt' in node && node.ViewStmt.replace !== true) ||
    ('CreateFunctionStmt' in node && node.CreateFunctionStmt.replace !== true);
  return isHarmless ? [] : ['opaque'];
}

/** What parts of `alter table` do to a table in use; what is not named is opaque. */
const OF_COMMAND: Readonly<Partial<Record<string, readonly Rule[]>>> = {
  AT_AlterColumnType: ['column-type'],
  AT_SetNotNull: ['not-null'],
  AT_DropColumn: ['drops'],
  AT_DropConstraint: ['drops'],
  AT_ValidateConstraint: [],
  AT_DropNotNull: [],
  AT_SetStatistics: [],
  AT_SetRelOptions: [],
  AT_ResetRelOptions: [],
};

function ofCommand({ subtype, def }: AlterTableCmd): readonly Rule[] {
  if (subtype === 'AT_AddColumn' && def && 'ColumnDef' in def) return ofNewColumn(def.ColumnDef);
  if (subtype === 'AT_AddConstraint' && def && 'Constraint' in def) return ofConstraint(def.Constraint);
  if (subtype === 'AT_ColumnDefault') return def ? [] : ['drops'];
  return OF_COMMAND[subtype ?? ''] ?? ['opaque'];
}

const SERIAL = /^(small|big)?serial\d?$/;

function ofNewColumn({ typeName, constraints = [] }: ColumnDef): Rule[] {
  const rules = new Set<Rule>();
  const type = typeName?.names?.at(-1);
  if (type && 'String' in type && SERIAL.test(type.String.sval ?? '')) rules.add('rewrites-table');
  let isNotNull = false;
  let hasDefault = rules.size > 0;
  for (const constraint of constraints) {
    if (!('Constraint' in constraint)) continue;
    const { contype, raw_expr: expression, generated_kind: kind } = constraint.Constraint;
    if (contype === 'CONSTR_NOTNULL') isNotNull = true;
    else if (contype === 'CONSTR_IDENTITY') rules.add('rewrites-table');
    else if (contype === 'CONSTR_GENERATED') {
      hasDefault = true;
      if (kind !== 'v') rules.add('rewrites-table');
    } else if (contype === 'CONSTR_DEFAULT') {
      hasDefault = true;
      if (differsByRow(expression)) rules.add('rewrites-table');
    } else for (const rule of ofConstraint(constraint.Constraint)) rules.add(rule);
  }
  if (isNotNull && !hasDefault && !rules.has('rewrites-table')) rules.add('no-default');
  return [...rules];
}

const CHECKED = new Set(['CONSTR_FOREIGN', 'CONSTR_CHECK', 'CONSTR_NOTNULL']);
const INDEXED = new Set(['CONSTR_UNIQUE', 'CONSTR_PRIMARY', 'CONSTR_EXCLUSION']);

function ofConstraint({ contype = 'CONSTR_NULL', skip_validation: isUnvalidated, indexname }: Constraint): Rule[] {
  if (CHECKED.has(contype)) return isUnvalidated ? [] : ['validates-at-once'];
  if (INDEXED.has(contype)) return indexname === undefined ? ['builds-index'] : [];
  // `null`, `deferrable` and the like say how, not what.
  return /^CONSTR_(NULL|ATTR_)/.test(contype) ? [] : ['opaque'];
}

/**
 * Whether a default may be another one for each row; of functions, only those of the transaction's time are known not
 * to.
 */
function differsByRow(expression: Node | undefined): boolean {
  const functions = [...JSON.stringify(expression ?? {}).matchAll(/"funcname":\[(?<names>[^\]]*)\]/g)];
  return functions.some(
    ({ groups }) => !/"sval":"(now|transaction_timestamp|statement_timestamp)"/.test(groups!['names']!),
  );
}

const isConcurrent = (node: Node): boolean =>
  ('IndexStmt' in node && node.IndexStmt.concurrent === true) ||
  ('DropStmt' in node && node.DropStmt.concurrent === true);

/** Whether every part of an `alter table` validates a constraint. */
const validates = (node: Node): boolean =>
  'AlterTableStmt' in node &&
  (node.AlterTableStmt.cmds ?? []).every(
    (command) => 'AlterTableCmd' in command && command.AlterTableCmd.subtype === 'AT_ValidateConstraint',
  );

/** The name of the index that a statement drops so that it may be repeated. */
function indexDropped(node: Node): string | undefined {
  if (!('DropStmt' in node) || !isConcurrent(node) || node.DropStmt.missing_ok !== true) return undefined;
  const [object] = node.DropStmt.objects ?? [];
  const name = object && 'List' in object ? object.List.items?.at(-1) : undefined;
  return name && 'String' in name ? name.String.sval : undefined;
}

/** An index that was cut off while it was built stays, invalid: `if not exists` would keep it. */
function isRepeatable(node: Node, droppedBefore: string | undefined): boolean {
  if ('IndexStmt' in node) {
    const { concurrent, idxname, if_not_exists: keepsOld } = node.IndexStmt;
    return concurrent === true && keepsOld !== true && idxname !== undefined && idxname === droppedBefore;
  }
  return indexDropped(node) !== undefined || validates(node);
}
