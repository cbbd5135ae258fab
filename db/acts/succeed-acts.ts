import type { EntityManager } from '@mikro-orm/postgresql';
import { sql } from '../sql.ts';
import type { WantedAct } from './act.ts';
import { entering, inState } from './transitions.ts';
import { INSERT_ACTS, insertedActs } from './want-acts.ts';

/**
 * Marks acts done and writes what comes after them, as `finishActs` and `wantActs` do, in one statement. The dispatcher
 * starts the successors. No act may be among both.
 *
 * @param now the organization's clock.
 */
export async function succeedActs(
  em: EntityManager,
  ids: readonly string[],
  successors: readonly WantedAct[],
  { invoiceId, now }: { readonly invoiceId: string | null; readonly now: Date },
): Promise<void> {
  await sql(
    em,
    `with successors as (${INSERT_ACTS} on conflict (id) do nothing)
     update acts set state = ${entering('finish')}, leased_until = null, error = null,
                     invoice_id = coalesce($17::uuid, invoice_id), changed_at = clock_timestamp()
     where id = any($16::text[]) and ${inState('finish')}`,
    [...insertedActs(successors, now, 'dispatcher'), ids, invoiceId],
  );
}
