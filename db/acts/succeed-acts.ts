import type { EntityManager } from '@mikro-orm/postgresql';
import { sql } from '../sql.ts';
import type { WantedAct } from './act.ts';
import { entering, inState } from './transitions.ts';
import { INSERT_ACTS, insertedActs } from './want-acts.ts';

/** An act that is done, with what it has made. */
export interface FinishedAct {
  readonly id: string;
  /** null: no invoice. */
  readonly invoiceId: string | null;
}

/**
 * Marks acts done and writes what comes after them, as `finishActs` and `wantActs` do, in one statement. The dispatcher
 * starts the successors. No act may be among both. The acts are held in the order of their ids, as `markStarted` holds
 * them, so that two who change many never wait for each other.
 *
 * @param by the act whose workflow has done all of them; null: a request has.
 * @param now the organization's clock.
 */
export async function succeedActs(
  em: EntityManager,
  finished: readonly FinishedAct[],
  successors: readonly WantedAct[],
  { by, now }: { readonly by: string | null; readonly now: Date },
): Promise<void> {
  await sql(
    em,
    `with successors as (${INSERT_ACTS} on conflict (id) do nothing),
     held as materialized (
       select acts.id, finished.invoice_id from unnest($16::text[], $17::uuid[]) as finished (id, invoice_id)
         join acts on acts.id = finished.id
       where ${inState('finish')} order by acts.id for no key update of acts)
     update acts set state = ${entering('finish')}, leased_until = null, error = null, done_by = nullif($18, acts.id),
                     invoice_id = coalesce(held.invoice_id, acts.invoice_id), changed_at = clock_timestamp()
     from held where acts.id = held.id and ${inState('finish')}`,
    [
      ...insertedActs(successors, now, 'dispatcher'),
      finished.map(({ id }) => id),
      finished.map(({ invoiceId }) => invoiceId),
      by,
    ],
  );
}
