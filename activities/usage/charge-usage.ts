import type { EntityManager } from '@mikro-orm/postgresql';
import type { ChargeFacts } from '../../billing/charges/charge-facts.ts';
import { chargeSplit, factsOfSplit, presentedOnlyBy, withoutGroups } from '../../billing/charges/charge-split.ts';
import type { SubscriptionFacts } from '../../billing/subscriptions/subscription-facts.ts';
import { aggregate, carriesOver } from '../../billing/usage/aggregate.ts';
import type { BucketCondition, KeyLists } from '../../billing/usage/bucket-condition.ts';
import {
  bucketsOf,
  partsOfGroups,
  splittingKeys,
  usageOfBucket,
  withAllRows,
  type Bucket,
  type GroupUsage,
  type UsageRow,
} from '../../billing/usage/buckets.ts';
import { keysOnInvoice, type PresentationKey, type PresentedUnits } from '../../billing/usage/presentation.ts';
import { bucketOfGroup } from '../../billing/usage/usage-group.ts';
import { historyOf, type Tenure } from '../../billing/usage/usage-history.ts';
import type { UsagePeriod } from '../../billing/usage/usage-period.ts';
import {
  countsOncePerBucket,
  prorationOf,
  sharedSlots,
  usageSlot,
  type UsageSlot,
} from '../../billing/usage/usage-slot.ts';
import { pricingUnitOf, type ChargeWithMetric } from '../../db/queries/plans/charges-of-plans.ts';
import { sharedTenures } from '../../db/queries/usage/usage-tenures.ts';
import { readUsage, type UsageRows } from '../../db/queries/usage/usage.ts';

/** A subscription whose usage is asked for. */
export interface ChargedSubscription {
  readonly subscription: Pick<SubscriptionFacts, 'id' | 'customerId' | 'externalId'>;
  readonly charges: readonly ChargeWithMetric[];
  /** null: no usage is asked for. */
  readonly usage: UsagePeriod | null;
  /** Whether the groups of a charge are priced together, and not each by itself as an invoice does. */
  readonly skipGroups?: boolean;
  /** Properties of events, each with the values that count; absent: all events do. */
  readonly group?: KeyLists;
  /** Of the keys by which charges show units apart, those that are wanted; absent: all of them. */
  readonly presentationKeys?: readonly string[] | null;
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
  const usage = await readUsage(em, organizationId, sharedSlots(questions.flat().flatMap(slotsOf)));
  return questions.map(
    (ofSubscription) => new Map(ofSubscription.map((one) => [one.charged.charge.id, chargeFacts(one, usage)])),
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

/** How a charge is split, and what is read for each part. */
interface Question {
  readonly charged: ChargeWithMetric;
  readonly period: UsagePeriod;
  readonly presentationKeys: readonly PresentationKey[];
  readonly parts: readonly {
    readonly bucket: Bucket;
    readonly slot: UsageSlot;
    /** What its units are shown apart by; null: they are not. */
    readonly presentedSlot: UsageSlot | null;
  }[];
}

const slotsOf = ({ parts }: Question): readonly UsageSlot[] =>
  parts.flatMap(({ slot, presentedSlot }) => [slot, ...(presentedSlot ? [presentedSlot] : [])]);

function question(
  { subscription, skipGroups = false, group = {}, presentationKeys = null }: ChargedSubscription,
  period: UsagePeriod,
  charged: ChargeWithMetric,
  tenures: readonly Tenure[],
): Question {
  const { charge, billableMetric, filters } = charged;
  const history = tenures.length === 0 ? null : historyOf(subscription.customerId, tenures, period.to);
  const stored = chargeSplit(charge, filters, billableMetric.filters);
  const wanted = presentationKeys === null ? stored : presentedOnlyBy(stored, presentationKeys);
  const split = skipGroups ? withoutGroups(wanted) : wanted;
  const shown = split.presentationKeys.map(({ key }) => key);
  const metric = { ...billableMetric, fieldName: billableMetric.fieldName ?? null };
  const slotOf = (keys: readonly string[], condition: BucketCondition | null): UsageSlot =>
    usageSlot(metric, subscription.externalId, period, history, {
      keys,
      condition,
      facts: factsOfSplit(split),
      proration: charge.prorated ? prorationOf(charge.chargeModel, period) : null,
    });
  const buckets = bucketsOf(split).map((bucket) => bucketOfGroup(bucket, group));
  if (countsOncePerBucket(metric)) {
    const alone = buckets.map((bucket) => ({
      bucket: withAllRows(bucket),
      slot: slotOf(bucket.groupKeys, bucket.condition),
      presentedSlot:
        shown.length === 0 ? null : slotOf([...new Set([...bucket.groupKeys, ...shown])], bucket.condition),
    }));
    return { charged, period, presentationKeys: split.presentationKeys, parts: alone };
  }
  const keys = new Set([...splittingKeys(split), ...Object.keys(group)]);
  const slot = slotOf([...keys].toSorted(), null);
  const presentedSlot = shown.length === 0 ? null : slot;
  return {
    charged,
    period,
    presentationKeys: split.presentationKeys,
    parts: buckets.map((bucket) => ({ bucket, slot, presentedSlot })),
  };
}

function chargeFacts({ charged, period, presentationKeys, parts }: Question, usage: UsageRows): ChargeFacts {
  const { charge, billableMetric: metric } = charged;
  const shown = presentationKeys.map(({ key }) => key);
  const rowsOf = (slot: UsageSlot): readonly UsageRow[] => usage.get(slot.id) ?? [];
  const unitsOf = ({ groupedBy: by, totals }: GroupUsage): PresentedUnits => {
    const { units, fullUnits } = aggregate(totals, period, charge.prorated);
    return { by, units: fullUnits ?? units };
  };
  return {
    chargeId: charge.id,
    invoiceDisplayName: charge.invoiceDisplayName ?? null,
    metricName: metric.name,
    payInAdvance: charge.payInAdvance,
    invoiceable: charge.invoiceable,
    pricingUnit: pricingUnitOf(charged),
    minAmountCents: charge.minAmountCents,
    rounding: {
      roundingFunction: metric.roundingFunction ?? null,
      roundingPrecision: metric.roundingPrecision ?? null,
    },
    buckets: parts.flatMap(({ bucket, slot, presentedSlot }) => {
      const partsOf = presentedSlot && partsOfGroups(bucket, shown, rowsOf(presentedSlot));
      return usageOfBucket(bucket, rowsOf(slot), metric.aggregationType).map(({ groupedBy, totals }) => ({
        chargeFilterId: bucket.chargeFilterId,
        groupedBy,
        pricing: bucket.pricing,
        usage: aggregate(totals, period, charge.prorated),
        presentation: partsOf && {
          keysOnInvoice: keysOnInvoice(presentationKeys),
          parts: partsOf(groupedBy).map(unitsOf),
        },
      }));
    }),
  };
}
