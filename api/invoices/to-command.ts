import type { UpdateInvoice } from '../../activities/invoices/update-invoice.ts';
import type { InvoiceUpdateInput } from './update-schema.ts';

export const toUpdateInvoice = (invoiceId: string, input: InvoiceUpdateInput): UpdateInvoice => ({
  invoiceId,
  paymentStatus: input.payment_status ?? null,
  metadata: input.metadata ?? null,
});
