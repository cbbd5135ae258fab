import type { StoredChargeFilter } from '../../billing/charges/charge-split.ts';
import { centsToAmount, centsToNumber, roundToCents } from '../../billing/money/cents.ts';
import { isCurrency, type Currency } from '../../billing/money/currency.ts';
import { Decimal, plainDecimal } from '../../billing/money/decimal.ts';
import type { AddOn } from '../../db/entities/add-ons/add-on.ts';
import type { Customer } from '../../db/entities/customers/customer.ts';
import type { Fee } from '../../db/entities/invoices/fee.ts';
import type { Plan } from '../../db/entities/plans/plan.ts';
import type { Subscription } from '../../db/entities/subscriptions/subscription.ts';
import { datetime } from '../formats.ts';
import type { Shown } from '../shown.ts';
import { pricingUnitDetailsJson } from './pricing-unit-details.ts';
import { presentationOnInvoice } from '../usage/presentation-breakdowns.ts';
import { feeAppliedTaxesJson } from '../taxes/applied-tax.ts';
import { filterDisplayName, filterValuesJson } from '../plans/charge-filter.ts';
import type { ChargeWithMetric } from '../plans/load-plans.ts';

/** What a fee shows of itself: a row, or a line of a preview, without ids of its own and of its subscription. */
export type ShownFee<Id extends string | null = string> = Shown<
  Fee,
  | 'amountCents'
  | 'amountCurrency'
  | 'amountDetails'
  | 'chargeFilterId'
  | 'appliedTaxes'
  | 'chargeId'
  | 'createdAt'
  | 'description'
  | 'eventsCount'
  | 'failedAt'
  | 'feeType'
  | 'fromDatetime'
  | 'groupedBy'
  | 'invoiceDisplayName'
  | 'invoiceId'
  | 'invoiceable'
  | 'payInAdvance'
  | 'paymentStatus'
  | 'presentation'
  | 'pricingUnit'
  | 'preciseAmountCents'
  | 'preciseCouponsAmountCents'
  | 'preciseUnitAmount'
  | 'refundedAt'
  | 'succeededAt'
  | 'taxesAmountCents'
  | 'taxesPreciseAmountCents'
  | 'taxesRate'
  | 'toDatetime'
  | 'totalAggregatedUnits'
  | 'trueUpParentFeeId'
  | 'units',
  Id
> & {
  readonly subscriptionId?: string | null | undefined;
  readonly eventTransactionId?: string | null | undefined;
};

/** A charge that was billed. */
export type ChargedItem = Pick<ChargeWithMetric, 'charge' | 'billableMetric'>;

/** What a fee's JSON is made of besides its own fields. */
export interface FeeRelations<Id extends string | null = string> {
  readonly customer: Pick<Customer, 'id' | 'externalId'>;
  readonly selfBilled: boolean;
  readonly subscription: Shown<Subscription, 'externalId', Id> | null;
  /** The subscription's. */
  readonly plan: Pick<Plan, 'name' | 'code' | 'description' | 'invoiceDisplayName'> | null;
  /** A charge's, deleted or not: names of what was billed stay printable (spec, usage 1.8). */
  readonly charged: ChargedItem | null;
  /** Deleted or not. */
  readonly chargeFilter: Pick<StoredChargeFilter, 'values' | 'invoiceDisplayName'> | null;
  /** The fee that adds to this one what is missing to the charge's spending minimum. */
  readonly trueUpFeeId: string | null;
  /** Deleted or not. */
  readonly addOn: AddOn | null;
}

function currencyOf(fee: ShownFee<string | null>): Currency {
  if (!isCurrency(fee.amountCurrency))
    throw new Error(`fee ${fee.id} is in the unknown currency ${fee.amountCurrency}`);
  return fee.amountCurrency;
}

/** A fee on the wire (spec, api 3.5; subscriptions-and-invoices 6.4). */
export function feeJson<Id extends string | null>(fee: ShownFee<Id>, relations: FeeRelations<Id>) {
  return {
    ...ids(fee, relations),
    item: itemOf(fee, relations),
    pay_in_advance: fee.payInAdvance,
    invoiceable: fee.invoiceable,
    ...amounts(fee, currencyOf(fee)),
    total_aggregated_units: fee.totalAggregatedUnits ? plainDecimal(fee.totalAggregatedUnits) : null,
    units: plainDecimal(fee.units),
    description: fee.description ?? null,
    events_count: fee.eventsCount == null ? null : Number(fee.eventsCount),
    payment_status: fee.paymentStatus,
    created_at: datetime(fee.createdAt),
    succeeded_at: datetime(fee.succeededAt),
    failed_at: datetime(fee.failedAt),
    refunded_at: datetime(fee.refundedAt),
    amount_details: fee.amountDetails,
    self_billed: relations.selfBilled,
    pricing_unit_details: pricingUnitDetailsJson(fee.pricingUnit ?? null),
    presentation_breakdowns: presentationOnInvoice(fee.presentation ?? null),
    applied_taxes: feeAppliedTaxesJson(fee),
    from_date: datetime(fee.fromDatetime),
    to_date: datetime(fee.toDatetime),
    ...(fee.payInAdvance && { event_transaction_id: fee.eventTransactionId ?? null }),
  };
}

const ids = <Id extends string | null>(
  fee: ShownFee<Id>,
  { customer, subscription, trueUpFeeId }: FeeRelations<Id>,
) => ({
  lago_id: fee.id,
  lago_charge_id: fee.chargeId ?? null,
  lago_charge_filter_id: fee.chargeFilterId ?? null,
  lago_fixed_charge_id: null,
  lago_invoice_id: fee.invoiceId ?? null,
  lago_true_up_fee_id: trueUpFeeId,
  lago_true_up_parent_fee_id: fee.trueUpParentFeeId ?? null,
  lago_original_fee_id: null,
  lago_subscription_id: fee.subscriptionId ?? null,
  external_subscription_id: subscription?.externalId ?? null,
  lago_customer_id: customer.id,
  external_customer_id: customer.externalId,
});

/** `precise_*` are in currency units, except where the name says cents. */
function amounts(fee: ShownFee<string | null>, currency: Currency) {
  const preciseTotalCents = fee.preciseAmountCents.plus(fee.taxesPreciseAmountCents);
  const subTotalCents = new Decimal(fee.amountCents.toString()).minus(fee.preciseCouponsAmountCents);
  return {
    amount_cents: centsToNumber(fee.amountCents),
    amount_currency: currency,
    precise_amount: plainDecimal(centsToAmount(fee.preciseAmountCents, currency)),
    precise_total_amount: plainDecimal(centsToAmount(preciseTotalCents, currency)),
    taxes_amount_cents: centsToNumber(fee.taxesAmountCents),
    taxes_precise_amount: plainDecimal(centsToAmount(fee.taxesPreciseAmountCents, currency)),
    taxes_rate: Number(fee.taxesRate),
    total_amount_cents: centsToNumber(fee.amountCents + fee.taxesAmountCents),
    total_amount_currency: currency,
    precise_unit_amount: plainDecimal(fee.preciseUnitAmount),
    precise_coupons_amount_cents: plainDecimal(fee.preciseCouponsAmountCents),
    sub_total_excluding_taxes_amount_cents: centsToNumber(roundToCents(subTotalCents)),
    sub_total_excluding_taxes_precise_amount_cents: plainDecimal(
      fee.preciseAmountCents.minus(fee.preciseCouponsAmountCents),
    ),
  };
}

/** Code and names of a plan or an add-on; the fee's own name for the invoice comes first. */
const namedBy = (
  { code, name, description, invoiceDisplayName }: Pick<Plan, 'code' | 'name' | 'description' | 'invoiceDisplayName'>,
  ownName: string | null | undefined,
) => ({
  code,
  name,
  description: description ?? null,
  invoice_display_name: ownName ?? invoiceDisplayName ?? name,
});

/** What was billed: a charge's metric, an add-on, or the subscription by its plan (spec, usage 4.6). */
function itemOf<Id extends string | null>(
  fee: ShownFee<Id>,
  { charged, chargeFilter, addOn, subscription, plan }: FeeRelations<Id>,
) {
  const common = {
    type: fee.feeType,
    filters: chargeFilter && filterValuesJson(chargeFilter.values),
    filter_invoice_display_name: chargeFilter && filterDisplayName(chargeFilter),
    grouped_by: fee.groupedBy,
  };
  switch (fee.feeType) {
    case 'charge': {
      const { charge, billableMetric } = required(charged, fee);
      return {
        ...common,
        code: billableMetric.code,
        name: billableMetric.name,
        description: billableMetric.description ?? null,
        invoice_display_name: fee.invoiceDisplayName ?? charge.invoiceDisplayName ?? billableMetric.name,
        lago_item_id: billableMetric.id,
        item_type: 'BillableMetric' as const,
      };
    }
    case 'subscription': {
      return {
        ...common,
        ...namedBy(required(plan, fee), fee.invoiceDisplayName),
        lago_item_id: required(subscription, fee).id,
        item_type: 'Subscription' as const,
      };
    }
    case 'add_on': {
      const item = required(addOn, fee);
      return {
        ...common,
        ...namedBy(item, fee.invoiceDisplayName),
        lago_item_id: item.id,
        item_type: 'AddOn' as const,
      };
    }
    default:
      return fee.feeType satisfies never;
  }
}

function required<T>(related: T | null, { id, feeType }: ShownFee<string | null>): T {
  if (related === null) throw new Error(`the ${feeType} of fee ${id} is missing`);
  return related;
}
