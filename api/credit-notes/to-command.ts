import type { CreateCreditNote } from '../../activities/credit-notes/create-credit-note.ts';
import type { EstimateCreditNote } from '../../activities/credit-notes/estimate-credit-note.ts';
import type { UpdateCreditNote } from '../../activities/credit-notes/update-credit-note.ts';
import { numberToCents } from '../../billing/money/cents.ts';
import { Decimal } from '../../billing/money/decimal.ts';
import type { CreditNoteCreateInput, CreditNoteEstimateInput, CreditNoteUpdateInput } from './schema.ts';

export const toEstimateCreditNote = (input: CreditNoteEstimateInput): EstimateCreditNote => ({
  invoiceId: input.invoice_id ?? '',
  items: input.items.map((item) => ({ feeId: item.fee_id, amountCents: new Decimal(item.amount_cents) })),
});

export const toCreateCreditNote = (input: CreditNoteCreateInput): CreateCreditNote => ({
  ...toEstimateCreditNote(input),
  creditCents: numberToCents(input.credit_amount_cents ?? 0),
  refundCents: numberToCents(input.refund_amount_cents ?? 0),
  offsetCents: numberToCents(input.offset_amount_cents ?? 0),
  reason: input.reason ?? 'other',
  description: input.description ?? null,
  metadata: input.metadata ?? null,
});

export const toUpdateCreditNote = (creditNoteId: string, input: CreditNoteUpdateInput): UpdateCreditNote => ({
  creditNoteId,
  refundStatus: input.refund_status ?? null,
  metadata: input.metadata ?? null,
});
