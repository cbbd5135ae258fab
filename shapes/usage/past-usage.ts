import { z } from 'zod';
import { centsToNumber } from '../../billing/money/cents.ts';
import type { Invoice } from '../../db/entities/invoices/invoice.ts';
import { datetime } from '../formats.ts';
import { chargeUsageJson, customerUsageSchema, type ChargeLines } from './current-usage.ts';

export const pastUsageSchema = customerUsageSchema.extend({ lago_invoice_id: z.uuid() }).meta({ id: 'PastUsage' });

/** What a period that was billed has used. */
export interface PastUsage {
  /** UTC, both ends inclusive. */
  readonly window: { readonly from: Date; readonly to: Date };
  readonly invoice: Pick<Invoice, 'id' | 'issuingDate' | 'currency' | 'feesAmountCents'>;
  /** Of all fees of the invoice. */
  readonly taxesAmountCents: bigint;
  /** Those of which the invoice has fees: what was not used at all is on none. */
  readonly charges: readonly ChargeLines[];
}

/** The amounts are those of the whole invoice, the charges those of one subscription (spec, usage 7.4). */
export const pastUsageJson = ({
  window,
  invoice,
  taxesAmountCents,
  charges,
}: PastUsage): z.infer<typeof pastUsageSchema> => ({
  from_datetime: datetime(window.from),
  to_datetime: datetime(window.to),
  issuing_date: invoice.issuingDate,
  currency: invoice.currency,
  amount_cents: centsToNumber(invoice.feesAmountCents),
  taxes_amount_cents: centsToNumber(taxesAmountCents),
  total_amount_cents: centsToNumber(invoice.feesAmountCents + taxesAmountCents),
  lago_invoice_id: invoice.id,
  charges_usage: charges.map((charge) => chargeUsageJson(charge, invoice.currency)),
});
