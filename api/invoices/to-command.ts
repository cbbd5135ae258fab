import type { CreateOneOffInvoice } from '../../activities/invoices/create-one-off-invoice.ts';
import type { UpdateInvoice } from '../../activities/invoices/update-invoice.ts';
import { isBlank, textOrNull } from '../../billing/blank-text.ts';
import { numberToCents } from '../../billing/money/cents.ts';
import { isCurrency } from '../../billing/money/currency.ts';
import { Decimal } from '../../billing/money/decimal.ts';
import type { OneOffInvoiceInput } from './one-off-schema.ts';
import type { InvoiceUpdateInput } from './update-schema.ts';

export const toUpdateInvoice = (invoiceId: string, input: InvoiceUpdateInput): UpdateInvoice => ({
  invoiceId,
  paymentStatus: input.payment_status ?? null,
  metadata: input.metadata ?? null,
});

export const toCreateOneOffInvoice = (input: OneOffInvoiceInput): CreateOneOffInvoice => ({
  externalCustomerId: input.external_customer_id,
  currency: isCurrency(input.currency) ? input.currency : null,
  billingEntityCode: isBlank(input.billing_entity_code) ? null : (input.billing_entity_code ?? null),
  purchaseOrderNumber: textOrNull(input.purchase_order_number?.trim() ?? null),
  fees: (input.fees ?? []).map((fee) => ({
    addOnCode: fee.add_on_code,
    unitAmountCents: fee.unit_amount_cents == null ? null : numberToCents(fee.unit_amount_cents),
    units: fee.units ?? new Decimal(1),
    invoiceDisplayName: textOrNull(fee.invoice_display_name ?? null),
    description: textOrNull(fee.description ?? null),
    taxCodes: fee.tax_codes ?? null,
    fromDatetime: fee.from_datetime ?? null,
    toDatetime: fee.to_datetime ?? null,
  })),
});
