import type { EntityManager } from '@mikro-orm/postgresql';
import type { ChargeFacts } from '../../billing/charges/charge-facts.ts';
import { chargeSplit, factsOfSplit, withoutGroups } from '../../billing/charges/charge-split.ts';
import type { SubscriptionFacts } from '../../billing/subscriptions/subscription-facts.ts';
import { aggregate, carriesOver } from '../../billing/usage/aggregate.ts';
import { bucketsOf, splittingKeys, usageOfBucket, type Bucket, type UsageRow } from '../../billing/usage/buckets.ts';
import { historyOf, type Tenure } from '../../billing/usage/usage-history.ts';
import { sharedSlots, usageSlot, type UsageSlot } from '../../billing/usage/usage-slot.ts';
import type { ChargeWithMetric } from '../../db/queries/plans/charges-of-plans.ts';
import { sharedTenures } from '../../db/queries/usage/usage-tenures.ts';
import { readUsage } from '../../db/queries/usage/usage.ts';

/** A subscription whose usage is asked for. */
export interface ChargedSubscription {
  readonly subscription: Pick<SubscriptionFacts, 'id' | 'customerId' | 'externalId'>;
  readonly charges: readonly ChargeWithMetric[];
  /** Both ends inclusive; null: no usage is asked for. */
  readonly usage: { readonly from: Date; readonly to: Date } | null;
  /** Whether the groups of a charge are priced together, and not each by itself as an invoice does. */
  readonly skipGroups?: boolean;
}

/** The charges of one subscription with their usage, by their ids, in the order in which they were asked for. */
export type UsageOfCharges = ReadonlyMap<string, ChargeFacts>;

/**
 * What subscriptions have used, for everybody who prices usage: invoices, current usage, and what looks ahead. All of
 * it is read in one statement, so it is of one moment; what the charges of a metric have in common is read once.
 *
 * @returns for each subscription, in their order, the charges that were asked for; none where no usage is.
 */
export async function chargeUsage(
  em: EntityManager,
  organizationId: string,
  asked: readonly ChargedSubscription[],
): Promise<readonly UsageOfCharges[]> {
  const tenures = await tenuresOf(em, organizationId, asked);
  const questions = asked.map((one) =>
    one.usage === null
      ? []
      : one.charges.map((charged) => question(one, one.usage!, charged, tenures.get(one.subscription.id) ?? [])),
  );
  const usage = await readUsage(em, organizationId, sharedSlots(questions.flat().map(({ slot }) => slot)));
  return questions.map(
    (ofSubscription) =>
      new Map(ofSubscription.map((one) => [one.charged.charge.id, chargeFacts(one, usage.get(one.slot.id) ?? [])])),
  );
}

/** Who had the external ids of the subscriptions, where it matters: for what carries over. */
async function tenuresOf(
  em: EntityManager,
  organizationId: string,
  asked: readonly ChargedSubscription[],
): Promise<ReadonlyMap<string, readonly Tenure[]>> {
  const carrying = asked.filter(
    ({ charges, usage }) => usage !== null && charges.some(({ billableMetric }) => carriesOver(billableMetric)),
  );
  return sharedTenures(
    em,
    organizationId,
    carrying.map(({ subscription }) => subscription.id),
  );
}

/** What is read for a charge, and how it is split. */
interface Question {
  readonly charged: ChargeWithMetric;
  readonly slot: UsageSlot;
  readonly buckets: readonly Bucket[];
}

function question(
  { subscription, skipGroups = false }: ChargedSubscription,
  window: { readonly from: Date; readonly to: Date },
  charged: ChargeWithMetric,
  tenures: readonly Tenure[],
): Question {
  const { charge, billableMetric } = charged;
  const history = tenures.length === 0 ? null : historyOf(subscription.customerId, tenures, window.to);
  const stored = chargeSplit(charge, [], billableMetric.filters);
  const split = skipGroups ? withoutGroups(stored) : stored;
  const metric = { ...billableMetric, fieldName: billableMetric.fieldName ?? null };
  return {
    charged,
    slot: usageSlot(metric, subscription.externalId, window, history, splittingKeys(split), factsOfSplit(split)),
    buckets: bucketsOf(split),
  };
}

function chargeFacts({ charged, buckets }: Question, rows: readonly UsageRow[]): ChargeFacts {
  const { charge, billableMetric: metric } = charged;
  return {
    chargeId: charge.id,
    invoiceDisplayName: charge.invoiceDisplayName ?? null,
    metricName: metric.name,
    payInAdvance: charge.payInAdvance,
    invoiceable: charge.invoiceable,
    continuesAfterUpgrade: false,
    rounding: {
      roundingFunction: metric.roundingFunction ?? null,
      roundingPrecision: metric.roundingPrecision ?? null,
    },
    buckets: buckets.flatMap((bucket) =>
      usageOfBucket(bucket, rows, metric.aggregationType).map(({ groupedBy, totals }) => ({
        chargeFilterId: bucket.chargeFilterId,
        groupedBy,
        pricing: bucket.pricing,
        usage: aggregate(totals),
      })),
    ),
  };
}
