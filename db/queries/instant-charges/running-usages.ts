import type { EntityManager } from '@mikro-orm/postgresql';
import { RunningUsage } from '../../entities/usage/running-usage.ts';
import { readerOf } from '../joined-rows.ts';
import { rowsAsJson } from '../rows-as-json.ts';
import { sql } from '../../sql.ts';
import type { RowOf } from '../../kysely.ts';

/** Where usage stands, by id. The caller holds the customer's lock. */
export async function runningUsages(
  em: EntityManager,
  ids: readonly string[],
): Promise<ReadonlyMap<string, RunningUsage>> {
  if (ids.length === 0) return new Map();
  const rows = await readerOf(em).find(RunningUsage, { id: [...ids] });
  return new Map(rows.map((row) => [row.id, row]));
}

/** Writes where usage stands now, in one statement. */
export async function writeRunningUsages(em: EntityManager, rows: readonly RowOf<'running_usages'>[]): Promise<void> {
  if (rows.length === 0) return;
  const written = rowsAsJson(em, RunningUsage);
  await sql(
    em,
    `insert into running_usages (${written.columns}) select ${written.columns} from ${written.from('$1')} row
     on conflict (id) do update set ${written.assignments('excluded', ['id', 'organizationId'])}`,
    [written.parameter(rows)],
  );
}
