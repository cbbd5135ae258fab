import { localDate } from '../../billing/calendar/local-date.ts';
import { centsToNumber, isWithinJsonRange } from '../../billing/money/cents.ts';
import { plainDecimal } from '../../billing/money/decimal.ts';
import { invalid } from '../../billing/refusal.ts';
import { datetime } from '../../shapes/formats.ts';
import type { ChargeUsageFee, CurrentUsage } from './read-current-usage.ts';
import type { CustomerUsageJson } from './schema.ts';

/**
 * Spec, usage 7.1.
 *
 * @throws Refusal 422 `amount_cents: value_is_out_of_range` when the usage is worth more than a JSON number can say.
 */
export function currentUsageJson({ window, timeZone, currency, fees }: CurrentUsage): CustomerUsageJson {
  const amount = fees.reduce((sum, { fee }) => sum + fee.amountCents, 0n);
  if (!isWithinJsonRange(amount)) throw invalid({ amount_cents: ['value_is_out_of_range'] });
  return {
    from_datetime: datetime(window.from),
    to_datetime: datetime(window.to),
    issuing_date: localDate(window.to, timeZone).toString(),
    currency,
    amount_cents: centsToNumber(amount),
    taxes_amount_cents: 0,
    total_amount_cents: centsToNumber(amount),
    lago_invoice_id: null,
    charges_usage: fees.map((fee) => chargeUsageJson(fee, currency)),
  };
}

const chargeUsageJson = ({ charge, billableMetric, fee }: ChargeUsageFee, currency: string) => ({
  units: plainDecimal(fee.units),
  total_aggregated_units: plainDecimal(fee.units),
  events_count: Number(fee.eventsCount),
  amount_cents: centsToNumber(fee.amountCents),
  amount_currency: currency,
  pricing_unit_details: null,
  charge: {
    lago_id: charge.id,
    code: charge.code,
    charge_model: charge.chargeModel,
    invoice_display_name: charge.invoiceDisplayName ?? null,
  },
  billable_metric: {
    lago_id: billableMetric.id,
    name: billableMetric.name,
    code: billableMetric.code,
    aggregation_type: billableMetric.aggregationType,
  },
  filters: [],
  grouped_usage: [],
  presentation_breakdowns: [],
});
