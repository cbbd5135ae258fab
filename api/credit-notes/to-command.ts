import type { EstimateCreditNote } from '../../activities/credit-notes/estimate-credit-note.ts';
import { Decimal } from '../../billing/money/decimal.ts';
import type { CreditNoteEstimateInput } from './schema.ts';

export const toEstimateCreditNote = (input: CreditNoteEstimateInput): EstimateCreditNote => ({
  invoiceId: input.invoice_id ?? '',
  items: input.items.map((item) => ({ feeId: item.fee_id, amountCents: new Decimal(item.amount_cents) })),
});
