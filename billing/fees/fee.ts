import type { PricingUnitAmounts } from '../charges/pricing-unit.ts';
import { ZERO, type Decimal } from '../money/decimal.ts';
import type { KeyValues } from '../usage/bucket-condition.ts';
import type { Presentation } from '../usage/presentation.ts';
import { UNTAXED, type FeeTaxes } from '../taxes/fee-taxes.ts';
import type { Tax } from '../taxes/tax.ts';

/** The numbers of a fee. */
export interface FeeAmounts {
  readonly units: Decimal;
  readonly amountCents: bigint;
  /** Cents with 15 digits after the point. */
  readonly preciseAmountCents: Decimal;
  readonly unitAmountCents: bigint;
  /** Currency units with 15 digits after the point. */
  readonly preciseUnitAmount: Decimal;
}

/** The subscription and the window that a fee bills, both ends inclusive. */
export interface BilledWindow {
  readonly subscriptionId: string;
  readonly fromDatetime: Date;
  readonly toDatetime: Date;
}

/** An event that is charged at once. */
export interface PricedEvent {
  readonly id: string;
  readonly transactionId: string;
}

/**
 * What a fee is for, with all that only fees of its kind have. Whoever saves, shows or checks a fee switches on its
 * kind, so that a new kind is missed nowhere.
 */
export type FeeSource =
  | ({ readonly kind: 'subscription' } & BilledWindow)
  | ({
      readonly kind: 'charge';
      readonly chargeId: string;
      /** null: what no filter of the charge takes. */
      readonly chargeFilterId: string | null;
      /** Empty: not grouped. */
      readonly groupedBy: KeyValues;
      /**
       * Whether it adds what is missing to the charge's spending minimum; then the fee of what no filter takes is its
       * parent.
       */
      readonly isTrueUp: boolean;
      readonly totalAggregatedUnits: Decimal;
      readonly eventsCount: bigint;
      /** null: its charge does not show units apart. */
      readonly presentation: Presentation | null;
      /** null: its charge says its prices in the currency. */
      readonly pricingUnit: PricingUnitAmounts | null;
      /** Of a charge in advance: the event that it is for. Absent: the usage of a period. */
      readonly event?: PricedEvent;
    } & BilledWindow)
  | {
      readonly kind: 'add_on';
      readonly addOnId: string;
      /** Given for this one fee (spec, money 1.3). */
      readonly taxes: readonly Tax[];
      readonly description: string | null;
      readonly fromDatetime: Date;
      readonly toDatetime: Date;
    };

/** The kinds of fees that durabill makes. */
export type FeeKind = FeeSource['kind'];

/** A fee as its generator makes it. */
export interface GeneratedFee extends FeeAmounts {
  readonly source: FeeSource;
  /** The name on the invoice, which later changes of the plan do not touch. */
  readonly invoiceDisplayName: string;
  /** Ready for JSON. */
  readonly amountDetails: Readonly<Record<string, unknown>>;
}

/** What later steps of the invoice make of a fee (spec, money 0). */
export interface FeeAdjustments extends FeeTaxes {
  /** The share of coupons and progressive credits, cents with 5 digits after the point. */
  readonly preciseCouponsAmountCents: Decimal;
  /** What credit notes pay of it with its taxes, cents with 5 digits after the point. */
  readonly preciseCreditNotesAmountCents: Decimal;
}

/** Before any of them. */
export const UNTOUCHED: FeeAdjustments = {
  preciseCouponsAmountCents: ZERO,
  preciseCreditNotesAmountCents: ZERO,
  ...UNTAXED,
};

/** One line of a calculated invoice. */
export interface InvoiceFee extends GeneratedFee, FeeAdjustments {}

/**
 * The place of the fee to which a true-up belongs; null: the fee is no true-up. Of a charge with the fees [filter,
 * default, true-up] the true-up belongs to the fee at place 1 (spec, usage 6.9).
 *
 * @throws Error where the charge has no such fee: a true-up is not made without it.
 */
export function trueUpParent(fees: readonly InvoiceFee[], { source }: InvoiceFee): number | null {
  if (source.kind !== 'charge' || !source.isTrueUp) return null;
  const place = fees.findIndex(
    ({ source: other }) =>
      other.kind === 'charge' &&
      other.subscriptionId === source.subscriptionId &&
      other.chargeId === source.chargeId &&
      other.chargeFilterId === null &&
      !other.isTrueUp,
  );
  if (place < 0) throw new Error(`the true-up of charge ${source.chargeId} has no fee to belong to`);
  return place;
}
