/** Every payment status of a fee (spec, api 2.5). */
export const FEE_PAYMENT_STATUSES = ['pending', 'succeeded', 'failed', 'refunded'] as const;

export type FeePaymentStatus = (typeof FEE_PAYMENT_STATUSES)[number];

/** Whether a value from outside is one. */
export const isFeePaymentStatus = (value: unknown): value is FeePaymentStatus =>
  (FEE_PAYMENT_STATUSES as readonly unknown[]).includes(value);

/** A payment status with the moment of it: the others have none (spec, subscriptions-and-invoices 10). */
export interface FeePayment {
  readonly paymentStatus: FeePaymentStatus;
  readonly succeededAt: Date | null;
  readonly failedAt: Date | null;
  readonly refundedAt: Date | null;
}

/** A fee that is paid on 20 June was refunded never and failed never, whatever was said of it before. */
export const feePayment = (paymentStatus: FeePaymentStatus, at: Date): FeePayment => ({
  paymentStatus,
  succeededAt: paymentStatus === 'succeeded' ? at : null,
  failedAt: paymentStatus === 'failed' ? at : null,
  refundedAt: paymentStatus === 'refunded' ? at : null,
});
