import type { EntityManager } from '@mikro-orm/postgresql';
import { v7 } from 'uuid';
import { priceEvents } from '../../billing/instant-charges/price-events.ts';
import type { Decimal } from '../../billing/money/decimal.ts';
import { ZERO } from '../../billing/money/decimal.ts';
import { invalid, notFound } from '../../billing/refusal.ts';
import { Subscription } from '../../db/entities/subscriptions/subscription.ts';
import { computedProperties, evaluationFailed } from '../../billing/usage/expression/computed-properties.ts';
import { BillableMetric } from '../../db/entities/usage/billable-metric.ts';
import { readProperties } from '../../db/queries/instant-charges/read-properties.ts';
import { chargesOfPlans } from '../../db/queries/plans/charges-of-plans.ts';
import { subscriptionContext } from '../../db/queries/subscriptions/subscription-context.ts';
import { microsecondsOf } from '../../db/types/microseconds.ts';
import type { CommandScope } from '../command-scope.ts';
import { feeRow } from '../invoices/invoice-rows.ts';
import { moneyOf, placeEvents, splitOf, type InstantChargeContext } from './load-instant-charge.ts';
import { loadInstantSources } from './load-instant-sources.ts';
import { loadRunningUsages } from './load-running-usages.ts';
import { standaloneFee } from './standalone-fees.ts';

/** An event that is not stored. */
export interface EstimateFees {
  /** null: of none, which is refused. */
  readonly externalSubscriptionId: string | null;
  readonly code: string | null;
  readonly hasValidTimestamp: boolean;
  readonly properties: Readonly<Record<string, unknown>>;
  /** Cents; null: it says nothing. */
  readonly preciseTotalAmountCents: Decimal | null;
}

/** What an event would cost by one charge. */
export interface EstimatedFee {
  readonly context: InstantChargeContext;
  readonly fee: ReturnType<typeof feeRow>;
}

/**
 * What charges in advance would ask for an event that came now, on top of those there are; nothing is stored (spec,
 * usage 2.8; S020).
 *
 * @throws Refusal 404 `subscription_not_found`, `billable_metric_not_found`; 422 `timestamp`, `properties`, `code`,
 * `expression_evaluation_failed`.
 */
export async function estimateFees(
  em: EntityManager,
  { organizationId, now }: Pick<CommandScope, 'organizationId' | 'now'>,
  event: EstimateFees,
): Promise<readonly EstimatedFee[]> {
  const { externalSubscriptionId, code } = event;
  const subscription =
    externalSubscriptionId === null
      ? null
      : await em.findOne(Subscription, { externalId: externalSubscriptionId, status: 'active' });
  if (!subscription) throw notFound('subscription');
  if (!event.hasValidTimestamp) throw invalid({ timestamp: ['invalid_format'] });
  const metric = code === null ? null : await em.findOne(BillableMetric, { code, deletedAt: null });
  if (!metric) throw notFound('billable_metric');
  const charges = (await chargesOfPlans(em, organizationId, [subscription.planId])).filter(
    ({ charge }) => charge.payInAdvance && charge.billableMetricId === metric.id,
  );
  const split = charges.map(splitOf);
  const fieldName = metric.fieldName ?? null;
  const { properties, failure } = computedProperties(
    { code: metric.code, timestamp: microsecondsOf(now), properties: event.properties },
    metric,
  );
  const [read] = await readProperties(em, [
    { properties: properties ?? event.properties, fieldName, keys: [...new Set(split.flatMap(({ keys }) => keys))] },
  ]);
  const wantsNumber = ['sum_agg', 'max_agg', 'latest_agg'].includes(metric.aggregationType);
  if (failure === null && wantsNumber && read!.hasValue && read!.value === null) {
    throw invalid({ properties: ['value_is_not_valid_number'] });
  }
  if (charges.length === 0) throw invalid({ code: ['does_not_match_an_instant_charge'] });
  if (failure !== null) throw invalid(evaluationFailed(failure));
  const around = await subscriptionContext(em, organizationId, subscription.id, 'read');
  const eventId = v7();
  const estimates: EstimatedFee[] = [];
  // Plans have more than one such charge on a metric nearly never.
  for (const charged of split) {
    const context = { ...around, ...charged };
    const placed = await placeEvents(em, organizationId, context, [
      {
        actId: '',
        eventId,
        transactionId: eventId,
        timestamp: microsecondsOf(now),
        value: read!.value ?? ZERO,
        amountCents: event.preciseTotalAmountCents ?? ZERO,
        keys: read!.keys,
      },
    ]);
    const { before, present } = await loadRunningUsages(em, organizationId, context, placed);
    const sources = await loadInstantSources(em, organizationId, context, now);
    const { fees } = priceEvents(placed, before, moneyOf(context), present);
    const owner = {
      organizationId,
      billingEntityId: context.billingEntity.id,
      customerId: context.customer.id,
      amountCurrency: context.plan.amountCurrency,
      createdAt: now,
      updatedAt: now,
    };
    estimates.push(
      ...fees.map((priced) => ({
        context,
        fee: {
          ...feeRow(standaloneFee(context, sources, priced), owner),
          invoiceable: charged.charged.charge.invoiceable,
          eventTransactionId: null,
        },
      })),
    );
  }
  return estimates;
}
