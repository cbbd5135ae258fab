import type { ChargeBucket, ChargeFacts } from '../charges/charge-facts.ts';
import type { Currency } from '../money/currency.ts';
import { usageFee, type UsageFee } from './usage-fee.ts';

/** What one group of one bucket of a charge costs. */
export type BucketFee = UsageFee & Pick<ChargeBucket, 'chargeFilterId' | 'groupedBy' | 'presentation'>;

/**
 * The price of a charge, bucket by bucket and group by group, each with its own free units and tiers (spec, usage
 * 4.4); also of what was not used. Whoever asks decides which of them count: an invoice leaves out those of nothing,
 * current usage shows them.
 *
 * Requests at 0.05, but 0.02 in region eu, 1001 of them there and 10 elsewhere: 2002 cents for eu, then 50 for the
 * rest.
 */
export const chargeFees = (
  { rounding, pricingUnit, buckets }: Pick<ChargeFacts, 'rounding' | 'pricingUnit' | 'buckets'>,
  currency: Currency,
): readonly BucketFee[] =>
  buckets.map(({ chargeFilterId, groupedBy, pricing, usage, presentation }) => ({
    chargeFilterId,
    groupedBy,
    presentation,
    ...usageFee({ usage, rounding, pricing, money: { currency, pricingUnit } }),
  }));
