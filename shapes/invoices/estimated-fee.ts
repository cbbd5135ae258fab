import { centsToAmount, roundToCents } from '../../billing/money/cents.ts';
import type { Currency } from '../../billing/money/currency.ts';
import { plainDecimal, ZERO, type Decimal } from '../../billing/money/decimal.ts';
import type { StoredChargeFilter } from '../../billing/charges/charge-split.ts';
import type { Customer } from '../../db/entities/customers/customer.ts';
import type { Plan } from '../../db/entities/plans/plan.ts';
import type { Subscription } from '../../db/entities/subscriptions/subscription.ts';
import type { ChargeWithMetric } from '../../db/queries/plans/charges-of-plans.ts';
import { feeJson, type ShownFee } from './fee.ts';

/** What a fee that nobody has stored is of. */
export interface EstimatedFeeOwner {
  readonly customer: Customer;
  readonly subscription: Subscription;
  readonly plan: Plan;
  readonly charged: ChargeWithMetric;
}

/** A fee as an event would make it (spec, usage 2.8): without an id, and without details. */
export const estimatedFeeJson = (fee: Omit<ShownFee, 'id' | 'invoiceId'>, owner: EstimatedFeeOwner) => ({
  ...shownFee(fee, owner),
  amount_details: null,
});

function shownFee(
  fee: Omit<ShownFee, 'id' | 'invoiceId'>,
  { customer, subscription, plan, charged }: EstimatedFeeOwner,
) {
  const filter: StoredChargeFilter | undefined = charged.filters.find(({ id }) => id === fee.chargeFilterId);
  const shown = feeJson(
    { ...fee, id: '', invoiceId: null },
    {
      customer,
      selfBilled: customer.accountType === 'partner',
      subscription,
      plan,
      charged,
      chargeFilter: filter ?? null,
      trueUpFeeId: null,
      addOn: null,
    },
  );
  const taxes = shown.applied_taxes.map((tax) => ({ ...tax, lago_id: null, lago_fee_id: null }));
  return { ...shown, lago_id: null, applied_taxes: taxes };
}

/** What one event would cost by itself. */
export interface InstantEstimateFacts extends EstimatedFeeOwner {
  readonly units: Decimal;
  /** Currency units, not rounded. */
  readonly amount: Decimal;
  /** The same in cents. */
  readonly amountCents: Decimal;
  readonly transactionId: string;
  readonly chargeFilterId: string | null;
  readonly currency: Currency;
  readonly now: Date;
}

/** Its amounts are not rounded, and texts, cents too (spec, usage 2.9); it has no taxes. */
export function instantEstimateJson(facts: InstantEstimateFacts) {
  const { units, amount, amountCents, currency, now, charged, subscription } = facts;
  const unitCents = amount.isZero() || units.isZero() ? ZERO : amountCents.div(units);
  const shown = shownFee(
    {
      subscriptionId: subscription.id,
      chargeId: charged.charge.id,
      chargeFilterId: facts.chargeFilterId,
      trueUpParentFeeId: null,
      feeType: 'charge',
      payInAdvance: true,
      invoiceable: charged.charge.invoiceable,
      amountCents: roundToCents(amountCents),
      amountCurrency: currency,
      preciseAmountCents: amountCents,
      taxesAmountCents: 0n,
      taxesPreciseAmountCents: ZERO,
      taxesRate: 0,
      appliedTaxes: [],
      preciseCouponsAmountCents: ZERO,
      units,
      totalAggregatedUnits: units,
      eventsCount: 1n,
      preciseUnitAmount: centsToAmount(unitCents, currency),
      invoiceDisplayName: null,
      description: null,
      groupedBy: {},
      presentation: null,
      pricingUnit: null,
      amountDetails: {},
      fromDatetime: null,
      toDatetime: null,
      paymentStatus: 'pending',
      succeededAt: null,
      failedAt: null,
      refundedAt: null,
      createdAt: now,
      eventTransactionId: facts.transactionId,
    },
    facts,
  );
  return {
    ...shown,
    amount_details: null,
    amount_cents: plainDecimal(amountCents),
    total_amount_cents: plainDecimal(amountCents),
    precise_unit_amount: plainDecimal(unitCents),
    precise_coupons_amount_cents: plainDecimal(ZERO),
  };
}
