import type { Decimal } from '../money/decimal.ts';

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

/** What a fee is for. Whoever saves, shows or checks a fee switches on its kind, so that a new kind is missed nowhere. */
export type FeeSource =
  | { readonly kind: 'subscription'; readonly subscriptionId: string }
  | {
      readonly kind: 'charge';
      readonly subscriptionId: string;
      readonly chargeId: string;
      readonly totalAggregatedUnits: Decimal;
      readonly eventsCount: bigint;
    };

/** One line of a calculated invoice. */
export interface InvoiceFee extends FeeAmounts {
  readonly source: FeeSource;
  /** The name on the invoice, which later changes of the plan do not touch. */
  readonly invoiceDisplayName: string;
  /** Ready for JSON. */
  readonly amountDetails: Readonly<Record<string, unknown>>;
  /** The window that it bills, both ends inclusive. */
  readonly fromDatetime: Date;
  readonly toDatetime: Date;
}
