import type { EntityManager } from '@mikro-orm/postgresql';
import { nextEntitySequence } from '../../billing/invoices/invoice-number.ts';
import {
  advanceEntitySequence,
  countedInvoices,
  nextNumbers,
  type NumberedInvoice,
  type TakenNumbers,
} from '../../db/queries/invoices/invoice-numbers.ts';

/**
 * A switch of the numbering just while a statement waits for it is seen by the next try; more than one is unheard of.
 */
const TRIES = 4;

/**
 * Takes the next numbers of customers and of their entities, in the last moments of the transaction that makes their
 * invoices final (spec, subscriptions-and-invoices 6.5). Call it under the customers' locks.
 *
 * The entity's row is read here and not before, because its settings may have changed meanwhile. Per entity, invoices
 * take turns on that row. Per customer, they hold it against a switch until their commit and not against each other:
 * whoever switches counts every invoice so far, so that none may be on its way. Neither way asks for a lock, and then
 * for a stronger one.
 *
 * @returns in the order of the invoices.
 */
export async function takeNumbers(
  em: EntityManager,
  organizationId: string,
  invoices: readonly NumberedInvoice[],
): Promise<readonly TakenNumbers[]> {
  const taken = [...(await nextNumbers(em, organizationId, invoices))];
  for (let left = TRIES; left > 0 && taken.includes(undefined); left--) {
    const missing = [...taken.keys()].filter((index) => taken[index] === undefined);
    const again = await nextNumbers(
      em,
      organizationId,
      missing.map((index) => invoices[index]!),
    );
    for (const [place, index] of missing.entries()) taken[index] = again[place];
  }
  return taken.map((numbers, index) => {
    if (numbers) return numbers;
    throw new Error(`billing entity ${invoices[index]!.billingEntityId} changes its numbering all the time`);
  });
}

/**
 * Lets an entity go on numbering its own invoices where all of them have come to: those finalized or voided that are
 * not self-billed. The caller holds the entity's row, and has just switched it from numbering per customer. A number
 * given out is never given out again.
 */
export async function startEntityNumbering(
  em: EntityManager,
  entity: { readonly id: string; readonly organizationId: string },
): Promise<void> {
  const { count, last } = await countedInvoices(em, entity);
  await advanceEntitySequence(em, entity, nextEntitySequence(last, count) - 1);
}
