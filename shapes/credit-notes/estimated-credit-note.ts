import { z } from 'zod';
import type { NoteEstimate } from '../../billing/credit-notes/draw-note.ts';
import { centsToNumber } from '../../billing/money/cents.ts';
import { plainDecimal } from '../../billing/money/decimal.ts';
import type { Invoice } from '../../db/entities/invoices/invoice.ts';

const appliedTaxSchema = z
  .strictObject({
    lago_tax_id: z.uuid().nullable().meta({ description: 'null: an external tax provider said so.' }),
    tax_name: z.string(),
    tax_code: z.string(),
    tax_rate: z.number().meta({ description: 'Percent.' }),
    tax_description: z.string().nullable(),
    base_amount_cents: z.int(),
    amount_cents: z.int(),
    amount_currency: z.string(),
  })
  .meta({ id: 'EstimatedCreditNoteTax' });

export const estimatedCreditNoteSchema = z
  .strictObject({
    lago_invoice_id: z.uuid(),
    invoice_number: z.string(),
    currency: z.string(),
    max_creditable_amount_cents: z.int(),
    max_refundable_amount_cents: z.int().meta({ description: 'No more than was paid.' }),
    max_offsettable_amount_cents: z.int().meta({ description: 'No more than is due.' }),
    taxes_amount_cents: z.int(),
    precise_taxes_amount_cents: z.string(),
    taxes_rate: z.number().meta({ description: 'Percent.' }),
    sub_total_excluding_taxes_amount_cents: z.int(),
    coupons_adjustment_amount_cents: z.int(),
    precise_coupons_adjustment_amount_cents: z.string(),
    items: z.array(z.strictObject({ amount_cents: z.int(), lago_fee_id: z.uuid() })),
    applied_taxes: z.array(appliedTaxSchema),
  })
  .meta({ id: 'EstimatedCreditNote' });

/** Spec, money 3.9. */
export const estimatedCreditNoteJson = (
  invoice: Pick<Invoice, 'currency' | 'id' | 'number'>,
  estimate: NoteEstimate,
) => ({
  lago_invoice_id: invoice.id,
  invoice_number: invoice.number,
  currency: invoice.currency,
  max_creditable_amount_cents: centsToNumber(estimate.maxCreditableCents),
  max_refundable_amount_cents: centsToNumber(estimate.maxRefundableCents),
  max_offsettable_amount_cents: centsToNumber(estimate.maxOffsettableCents),
  taxes_amount_cents: centsToNumber(estimate.taxesCents),
  precise_taxes_amount_cents: plainDecimal(estimate.preciseTaxesCents),
  taxes_rate: estimate.taxesRate.toNumber(),
  sub_total_excluding_taxes_amount_cents: centsToNumber(estimate.subTotalCents),
  coupons_adjustment_amount_cents: centsToNumber(estimate.couponsAdjustmentCents),
  precise_coupons_adjustment_amount_cents: plainDecimal(estimate.preciseCouponsAdjustmentCents),
  items: estimate.items.map(({ amountCents, feeId }) => ({
    amount_cents: centsToNumber(amountCents),
    lago_fee_id: feeId,
  })),
  applied_taxes: estimate.taxes.map((tax) => ({
    lago_tax_id: tax.taxId,
    tax_name: tax.name,
    tax_code: tax.code,
    tax_rate: tax.rate.toNumber(),
    tax_description: tax.description,
    base_amount_cents: centsToNumber(tax.baseAmountCents),
    amount_cents: centsToNumber(tax.amountCents),
    amount_currency: invoice.currency,
  })),
});
