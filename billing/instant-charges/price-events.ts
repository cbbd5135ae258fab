import type { Currency } from '../money/currency.ts';
import type { KeyValues } from '../usage/bucket-condition.ts';
import type { Bucket } from '../usage/buckets.ts';
import { instantFee, type InstantFee } from './instant-fee.ts';
import type { EventUnits, Proration, RunningUsage } from './running-usage.ts';

/** An event of a charge in advance, in its place. */
export interface InstantEvent {
  readonly actId: string;
  readonly eventId: string;
  readonly transactionId: string;
  /** Microseconds since 1970. */
  readonly timestamp: bigint;
  readonly bucket: Bucket;
  readonly groupedBy: KeyValues;
  /** Of the running usage that it belongs to: of its period, bucket and group. */
  readonly runningId: string;
  readonly period: { readonly from: Date; readonly to: Date };
  readonly units: EventUnits;
  readonly proration: Proration;
}

/** An event with what it costs. */
export interface PricedEventFee {
  readonly event: InstantEvent;
  readonly fee: InstantFee;
}

/** The fees of events, and where usage stands after them. */
export interface PricedEvents {
  readonly fees: readonly PricedEventFee[];
  /** By id: those that have changed. */
  readonly running: ReadonlyMap<string, RunningUsage>;
}

/**
 * Prices events one after the other, each beside what those before it have left (spec, usage 6.2, 6.3). Three events of
 * a count whose third costs 2.00: 0, 0 and 200 cents, also where all three are of one moment.
 *
 * @param before where usage stands, by the id of each event.
 */
export function priceEvents(
  events: readonly InstantEvent[],
  before: ReadonlyMap<string, RunningUsage>,
  currency: Currency,
): PricedEvents {
  const running = new Map<string, RunningUsage>();
  const fees = events.map((event) => {
    const { runningId, units, bucket, proration } = event;
    const usage = running.get(runningId) ?? before.get(runningId)!;
    const fee = instantFee({ before: usage, event: units, pricing: bucket.pricing, proration, currency });
    running.set(runningId, fee.after);
    return { event, fee };
  });
  return { fees, running };
}
