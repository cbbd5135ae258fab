import type { EntityManager } from '@mikro-orm/postgresql';
import { Decimal, ZERO } from '../../billing/money/decimal.ts';
import { Fee, type StoredPricingUnit } from '../../db/entities/invoices/fee.ts';
import type { InvoiceSubscription } from '../../db/entities/invoices/invoice-subscription.ts';
import { Invoice } from '../../db/entities/invoices/invoice.ts';
import { Charge } from '../../db/entities/plans/charge.ts';
import { ChargeFilter } from '../../db/entities/plans/charge-filter.ts';
import { BillableMetric } from '../../db/entities/usage/billable-metric.ts';
import { rowsById } from '../../db/queries/rows-by-id.ts';
import type { ChargeLines, UsageLine } from './current-usage.ts';
import { storedPresentation } from './presentation-breakdowns.ts';
import type { PastUsage } from './past-usage.ts';

/** A subscription's part of an invoice, with its window of charges. */
export type BilledPeriod = Pick<
  InvoiceSubscription,
  'chargesFromDatetime' | 'chargesToDatetime' | 'invoiceId' | 'subscriptionId'
>;

/**
 * What billed periods have used, in their order, from the fees that are stored: five statements however many they are.
 *
 * @param metricId only of the charges of this metric; null: of all.
 */
export async function loadPastUsage(
  em: EntityManager,
  periods: readonly BilledPeriod[],
  metricId: string | null,
): Promise<readonly PastUsage[]> {
  const invoiceIds = [...new Set(periods.map(({ invoiceId }) => invoiceId))];
  if (invoiceIds.length === 0) return [];
  const invoices = await rowsById(em, Invoice, invoiceIds);
  const fees = await em.find(Fee, { invoiceId: invoiceIds }, { orderBy: { position: 'asc', id: 'asc' } });
  const linesOf = await loadCharges(em, fees, metricId);
  const feesOf = Map.groupBy(fees, ({ invoiceId }) => invoiceId);
  return periods.map(({ chargesFromDatetime: from, chargesToDatetime: to, invoiceId, subscriptionId }) => {
    const invoice = invoices.get(invoiceId);
    if (!invoice || !from || !to) throw new Error(`a period of invoice ${invoiceId} has no window or no invoice`);
    const ofInvoice = feesOf.get(invoiceId) ?? [];
    return {
      window: { from, to },
      invoice,
      taxesAmountCents: ofInvoice.reduce((sum, { taxesAmountCents }) => sum + taxesAmountCents, 0n),
      charges: linesOf(ofInvoice.filter((fee) => fee.subscriptionId === subscriptionId)),
    };
  });
}

/** Deleted charges, filters and metrics too: what was billed stays printable (spec, usage 1.8). */
async function loadCharges(
  em: EntityManager,
  fees: readonly Fee[],
  metricId: string | null,
): Promise<(ofSubscription: readonly Fee[]) => readonly ChargeLines[]> {
  const charges = await rowsById(
    em,
    Charge,
    fees.map(({ chargeId }) => chargeId),
  );
  const metrics = await rowsById(
    em,
    BillableMetric,
    [...charges.values()].map(({ billableMetricId }) => billableMetricId),
  );
  const filters = await em.find(ChargeFilter, { chargeId: [...charges.keys()] }, { orderBy: { id: 'asc' } });
  const filtersOf = Map.groupBy(filters, ({ chargeId }) => chargeId);
  return (ofSubscription) =>
    [...Map.groupBy(ofSubscription, ({ chargeId }) => chargeId)].flatMap(([chargeId, ofCharge]) => {
      const charge = charges.get(chargeId ?? '');
      const billableMetric = charge && metrics.get(charge.billableMetricId);
      if (!charge || !billableMetric || (metricId !== null && billableMetric.id !== metricId)) return [];
      return [{ charge, billableMetric, filters: filtersOf.get(charge.id) ?? [], fees: ofCharge.map(lineOf) }];
    });
}

/** What a charge lacks of its spending minimum is an amount, and nothing that was used. */
function lineOf(fee: Fee): UsageLine {
  const isUsed = fee.trueUpParentFeeId == null;
  const units = isUsed ? fee.units : ZERO;
  return {
    units,
    totalAggregatedUnits: isUsed ? (fee.totalAggregatedUnits ?? units) : ZERO,
    eventsCount: isUsed ? (fee.eventsCount ?? 0n) : 0n,
    amountCents: fee.amountCents,
    chargeFilterId: fee.chargeFilterId ?? null,
    groupedBy: fee.groupedBy,
    pricingUnit: fee.pricingUnit ? storedPricingUnit(fee.pricingUnit) : null,
    presentation: fee.presentation ? storedPresentation(fee.presentation) : null,
  };
}

const storedPricingUnit = ({
  shortName,
  amountCents,
  conversionRate,
}: StoredPricingUnit): UsageLine['pricingUnit'] => ({
  shortName,
  amountCents: BigInt(amountCents),
  conversionRate: new Decimal(conversionRate),
});
