import type { EntityManager } from '@mikro-orm/postgresql';
import { invalid } from '../../billing/refusal.ts';
import { hasCode } from '../../db/error-codes.ts';
import { holdMetricCodes } from '../../db/queries/usage/metric-code-lock.ts';
import { storeEvents, type NewEvent, type Receipt } from '../../db/queries/usage/store-events.ts';

/**
 * PostgreSQL's code for a row that its index cannot take: the values by which usage is split are part of a rollup's
 * key, and many long names and texts are too much for it, though each alone would do.
 */
const TOO_LONG_FOR_INDEX = '54000';

/** Rolls the transaction back. */
class TransactionIdsTaken extends Error {}

/**
 * Stores events together with what they add to the rollups, all or nothing: as soon as the answer says so, usage counts
 * them.
 *
 * @returns the indexes of the events whose transaction id is taken; none: all are stored, else nothing is (spec, usage
 * 2.3, 2.4).
 * @throws Refusal 422 `properties: value_is_too_long` for values that are too long together.
 */
export async function ingestEvents(
  em: EntityManager,
  organizationId: string,
  events: readonly NewEvent[],
  receipt: Receipt,
): Promise<readonly number[]> {
  let taken = repeatedTransactionIds(events);
  try {
    await em.transactional(async (transaction) => {
      await holdMetricCodes(
        transaction,
        organizationId,
        events.map((event) => event.code),
      );
      const stored = await storeEvents(transaction, organizationId, events, receipt);
      taken = events.flatMap((event, index) => (taken.includes(index) || !stored.has(event.id) ? [index] : []));
      if (taken.length > 0) throw new TransactionIdsTaken();
    });
  } catch (error) {
    if (hasCode(error, TOO_LONG_FOR_INDEX)) throw invalid({ properties: ['value_is_too_long'] });
    if (!(error instanceof TransactionIdsTaken)) throw error;
  }
  return taken;
}

/**
 * Within one batch the id alone counts, whatever the subscription; the later one is the duplicate (spec, usage 2.4).
 */
function repeatedTransactionIds(events: readonly NewEvent[]): readonly number[] {
  const seen = new Set<string>();
  return events.flatMap(({ transactionId }, index) => {
    if (seen.has(transactionId)) return [index];
    seen.add(transactionId);
    return [];
  });
}
