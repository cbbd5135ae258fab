import type { EntityManager } from '@mikro-orm/postgresql';
import { pricingOf } from '../../billing/charges/properties.ts';
import type { ChargeFacts } from '../../billing/invoices/invoice-facts.ts';
import type { SubscriptionFacts } from '../../billing/subscriptions/subscription-facts.ts';
import { aggregate, carriesOver } from '../../billing/usage/aggregate.ts';
import { historyOf } from '../../billing/usage/usage-history.ts';
import { usageSlot } from '../../billing/usage/usage-slot.ts';
import { BillableMetric } from '../../db/entities/billable-metric.ts';
import { Charge } from '../../db/entities/charge.ts';
import { joinedRows } from '../../db/queries/joined-rows.ts';
import { sharedTenures } from '../../db/queries/usage/usage-tenures.ts';
import { readUsage } from '../../db/queries/usage/usage.ts';
import { sql } from '../../db/sql.ts';

export interface ChargeAndMetric {
  readonly charge: Charge;
  readonly metric: BillableMetric;
}

/** A subscription whose usage an invoice bills. */
export interface ChargedSubscription {
  readonly subscription: SubscriptionFacts;
  readonly charges: readonly ChargeAndMetric[];
  /** Both ends inclusive; null: no usage is billed. */
  readonly usage: { readonly from: Date; readonly to: Date } | null;
}

/** The charges of plans, in their order. */
export async function loadCharges(
  em: EntityManager,
  organizationId: string,
  planIds: readonly string[],
): Promise<ChargeAndMetric[]> {
  const joined = joinedRows(em);
  const rows = await sql<Record<string, unknown>>(
    em,
    `select ${joined.columns(Charge, 'charge')}, ${joined.columns(BillableMetric, 'metric')}
     from charges charge join billable_metrics metric on metric.id = charge.billable_metric_id
     where charge.organization_id = $1 and charge.plan_id = any($2::uuid[]) and charge.deleted_at is null
     order by charge.position, charge.id`,
    [organizationId, planIds],
  );
  return rows.map((row) => ({
    charge: joined.take(Charge, 'charge', row)!,
    metric: joined.take(BillableMetric, 'metric', row)!,
  }));
}

/**
 * The charges of subscriptions with their usage, all of it read in one statement.
 *
 * @returns in the order of the subscriptions; none where no usage is billed.
 */
export async function loadChargeFacts(
  em: EntityManager,
  organizationId: string,
  charged: readonly ChargedSubscription[],
): Promise<readonly (readonly ChargeFacts[])[]> {
  // Who had the external ids, where it matters: for what carries over.
  const carrying = charged.filter((one) => one.usage !== null && one.charges.some(({ metric }) => carriesOver(metric)));
  const tenures = await sharedTenures(
    em,
    organizationId,
    carrying.map(({ subscription }) => subscription.id),
  );
  const slots = charged.flatMap(({ subscription, charges, usage }) => {
    if (usage === null) return [];
    const own = tenures.get(subscription.id) ?? [];
    const past = own.length === 0 ? null : historyOf(subscription.customerId, own, usage.to);
    return charges.map(({ metric }) =>
      usageSlot({ ...metric, fieldName: metric.fieldName ?? null }, subscription.externalId, usage, past),
    );
  });
  const totals = await readUsage(em, organizationId, slots);
  let next = 0;
  return charged.map(({ charges, usage }) =>
    usage === null
      ? []
      : charges.map(({ charge, metric }) => ({
          chargeId: charge.id,
          invoiceDisplayName: charge.invoiceDisplayName ?? null,
          metricName: metric.name,
          payInAdvance: charge.payInAdvance,
          invoiceable: charge.invoiceable,
          continuesAfterUpgrade: false,
          pricing: pricingOf(charge.chargeModel, charge.properties),
          rounding: {
            roundingFunction: metric.roundingFunction ?? null,
            roundingPrecision: metric.roundingPrecision ?? null,
          },
          usage: aggregate(metric, totals[next++]!),
        })),
  );
}
