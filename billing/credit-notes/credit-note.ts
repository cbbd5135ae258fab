/** `draft`: of an invoice that is a draft itself (spec, money 3.1). */
export type CreditNoteStatus = 'draft' | 'finalized';

/** What became of the part that is for the customer's balance. */
export const CREDIT_STATUSES = ['available', 'consumed', 'voided'] as const;
export type CreditStatus = (typeof CREDIT_STATUSES)[number];

/** What became of the part that is paid back. */
export const REFUND_STATUSES = ['pending', 'succeeded', 'failed'] as const;
export type RefundStatus = (typeof REFUND_STATUSES)[number];

/** Why something is credited. */
export const CREDIT_NOTE_REASONS = [
  'duplicated_charge',
  'product_unsatisfactory',
  'order_change',
  'order_cancellation',
  'fraudulent_charge',
  'other',
] as const;
export type CreditNoteReason = (typeof CREDIT_NOTE_REASONS)[number];
