import { z } from 'zod';
import { centsToNumber } from '../../billing/money/cents.ts';
import type { CreditNoteAppliedTax } from '../../db/entities/credit-notes/credit-note-applied-tax.ts';
import type { Fee } from '../../db/entities/invoices/fee.ts';
import type { InvoiceAppliedTax } from '../../db/entities/invoices/invoice-applied-tax.ts';
import { datetime } from '../formats.ts';
import type { Shown } from '../shown.ts';

const common = {
  lago_id: z.uuid(),
  lago_tax_id: z.uuid().nullable().meta({ description: 'null: an external tax provider said so.' }),
  tax_name: z.string(),
  tax_code: z.string(),
  tax_rate: z.number().meta({ description: 'Percent.' }),
  tax_description: z.string().nullable(),
  amount_cents: z.int(),
  amount_currency: z.string(),
  created_at: z.string().meta({ format: 'date-time' }),
};

export const feeAppliedTaxSchema = z.strictObject({ ...common, lago_fee_id: z.uuid() }).meta({ id: 'FeeAppliedTax' });

export const invoiceAppliedTaxSchema = z
  .strictObject({
    ...common,
    lago_invoice_id: z.uuid(),
    fees_amount_cents: z.int().meta({ description: 'What the taxed fees cost, without their coupons.' }),
  })
  .meta({ id: 'InvoiceAppliedTax' });

export const creditNoteAppliedTaxSchema = z
  .strictObject({
    ...common,
    lago_credit_note_id: z.uuid(),
    base_amount_cents: z.int().meta({ description: 'What the items are without their coupons.' }),
  })
  .meta({ id: 'CreditNoteAppliedTax' });

/** The taxes of a fee (spec, money 1.6). */
export const feeAppliedTaxesJson = <Id extends string | null>(
  fee: Shown<Fee, 'appliedTaxes' | 'amountCurrency' | 'createdAt', Id>,
) =>
  fee.appliedTaxes.map((tax) => ({
    lago_id: tax.id,
    lago_fee_id: fee.id,
    lago_tax_id: tax.taxId,
    tax_name: tax.name,
    tax_code: tax.code,
    tax_rate: Number(tax.rate),
    tax_description: tax.description,
    amount_cents: centsToNumber(BigInt(tax.amountCents)),
    amount_currency: fee.amountCurrency,
    created_at: datetime(fee.createdAt),
  }));

/** A tax of a credit note (spec, money 1.6). */
export const creditNoteAppliedTaxJson = (tax: CreditNoteAppliedTax) => ({
  ...storedTaxJson(tax),
  lago_credit_note_id: tax.creditNoteId,
  base_amount_cents: centsToNumber(tax.baseAmountCents),
});

/** A tax of an invoice (spec, money 1.6). */
export const invoiceAppliedTaxJson = (tax: InvoiceAppliedTax) => ({
  ...storedTaxJson(tax),
  lago_invoice_id: tax.invoiceId,
  fees_amount_cents: centsToNumber(tax.feesAmountCents),
});

const storedTaxJson = (tax: CreditNoteAppliedTax | InvoiceAppliedTax) => ({
  lago_id: tax.id,
  lago_tax_id: tax.taxId ?? null,
  tax_name: tax.taxName,
  tax_code: tax.taxCode,
  tax_rate: tax.taxRate.toNumber(),
  tax_description: tax.taxDescription ?? null,
  amount_cents: centsToNumber(tax.amountCents),
  amount_currency: tax.amountCurrency,
  created_at: datetime(tax.createdAt),
});
