import type { EntityManager } from '@mikro-orm/postgresql';
import { sql } from '../sql.ts';
import { entering, inState } from './transitions.ts';

/**
 * Marks acts done, in the transaction of their effect.
 *
 * @param invoiceId what they have made; null: no invoice.
 */
export async function finishActs(
  em: EntityManager,
  ids: readonly string[],
  invoiceId: string | null = null,
): Promise<void> {
  if (ids.length === 0) return;
  await sql(
    em,
    `update acts set state = ${entering('finish')}, leased_until = null, error = null,
                     invoice_id = coalesce($2::uuid, invoice_id), changed_at = clock_timestamp()
     where id = any($1::text[]) and ${inState('finish')}`,
    [ids, invoiceId],
  );
}

/**
 * Marks acts failed: nothing goes on until an operator acts.
 *
 * @param invoiceId the invoice that they could not make; null: none.
 */
export async function failActs(
  em: EntityManager,
  ids: readonly string[],
  error: string,
  invoiceId: string | null = null,
): Promise<void> {
  await sql(
    em,
    `update acts set state = ${entering('fail')}, leased_until = null, error = $2,
                     invoice_id = coalesce($3::uuid, invoice_id), changed_at = clock_timestamp()
     where id = any($1::text[]) and ${inState('fail')}`,
    [ids, error, invoiceId],
  );
}
