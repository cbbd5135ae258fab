import type { MikroORM } from '@mikro-orm/postgresql';
import { onStatement, type Sent } from './on-statement.ts';

export interface SentStatement {
  readonly text: string;
  readonly values: readonly unknown[];
}

/** Part of what `explain (analyze, format json)` says of a node of a plan. */
interface PlanNode {
  readonly 'Node Type': string;
  readonly 'Actual Rows': number;
  readonly 'Actual Loops': number;
  readonly 'Rows Removed by Filter'?: number;
  readonly Plans?: readonly PlanNode[];
}

/** Tells the statements that an ORM sends during some work. */
export type StatementRecorder = (work: () => Promise<unknown>) => Promise<readonly SentStatement[]>;

export async function statementRecorder(orm: MikroORM): Promise<StatementRecorder> {
  let sent: SentStatement[] | undefined;
  await onStatement(orm, (...parameters) => sent?.push(statementOf(parameters)));
  return async (work) => {
    const ofWork: SentStatement[] = [];
    sent = ofWork;
    try {
      await work();
    } finally {
      sent = undefined;
    }
    return ofWork;
  };
}

function statementOf([first, values]: Sent): SentStatement {
  if (typeof first === 'string') return { text: first, values: (values as readonly unknown[] | undefined) ?? [] };
  const { text, values: own = [] } = first as Partial<SentStatement> & Pick<SentStatement, 'text'>;
  return { text, values: own };
}

/** How many rows the scans of a statement read, with those that its filters put aside. */
export async function rowsReadBy(orm: MikroORM, { text, values }: SentStatement): Promise<number> {
  const pool = await orm.em.getConnection().getNativeClient();
  const { rows } = await pool.query<{ 'QUERY PLAN': readonly [{ readonly Plan: PlanNode }] }>(
    `explain (analyze, format json) ${text}`,
    [...values],
  );
  return rowsScannedIn(rows[0]!['QUERY PLAN'][0].Plan);
}

function rowsScannedIn(node: PlanNode): number {
  const below = (node.Plans ?? []).reduce((sum, plan) => sum + rowsScannedIn(plan), 0);
  if (!node['Node Type'].includes('Scan') || node['Node Type'] === 'Subquery Scan') return below;
  return below + node['Actual Loops'] * (node['Actual Rows'] + (node['Rows Removed by Filter'] ?? 0));
}
