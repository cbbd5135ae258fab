import type { EntityManager } from '@mikro-orm/postgresql';
import { Fee } from '../../entities/invoices/fee.ts';
import type { RowOf } from '../../kysely.ts';
import { sql } from '../../sql.ts';
import { rowsAsJson } from '../rows-as-json.ts';

/** Writes fees without invoice, in one statement. */
export async function writeFees(em: EntityManager, fees: readonly RowOf<'fees'>[]): Promise<void> {
  if (fees.length === 0) return;
  const fee = rowsAsJson(em, Fee);
  await sql(em, `insert into fees (${fee.columns}) select ${fee.columns} from ${fee.from('$1')} row`, [
    fee.parameter(fees),
  ]);
}
