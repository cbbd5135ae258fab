import { v7 } from 'uuid';
import type { DrawnNote } from '../../billing/credit-notes/draw-note.ts';
import type { Invoice } from '../../db/entities/invoices/invoice.ts';

/** The columns of a credit note's row that are calculated. */
export const noteColumns = (drawn: DrawnNote) => ({
  creditAmountCents: drawn.creditCents,
  refundAmountCents: drawn.refundCents,
  offsetAmountCents: drawn.offsetCents,
  totalAmountCents: drawn.totalCents,
  balanceAmountCents: drawn.creditCents,
  subTotalExcludingTaxesAmountCents: drawn.subTotalCents,
  couponsAdjustmentAmountCents: drawn.couponsAdjustmentCents,
  preciseCouponsAdjustmentAmountCents: drawn.preciseCouponsAdjustmentCents,
  taxesAmountCents: drawn.taxesCents,
  preciseTaxesAmountCents: drawn.preciseTaxesCents,
  taxesRate: drawn.taxesRate.toNumber(),
  creditStatus: drawn.creditCents > 0n ? ('available' as const) : null,
  refundStatus: drawn.refundCents > 0n ? ('pending' as const) : null,
});

/** The rows of what is on a credit note. */
export function noteLines(
  { organizationId, currency: amountCurrency }: Pick<Invoice, 'currency' | 'organizationId'>,
  creditNoteId: string,
  drawn: DrawnNote,
  createdAt: Date,
) {
  const line = () => ({ id: v7(), organizationId, creditNoteId, amountCurrency, createdAt });
  return {
    items: drawn.items.map((item) => ({
      ...line(),
      feeId: item.feeId,
      amountCents: item.amountCents,
      preciseAmountCents: item.preciseAmountCents,
    })),
    taxes: drawn.taxes.map((tax) => ({
      ...line(),
      taxId: tax.taxId,
      taxCode: tax.code,
      taxName: tax.name,
      taxDescription: tax.description,
      taxRate: tax.rate,
      baseAmountCents: tax.baseAmountCents,
      amountCents: tax.amountCents,
    })),
  };
}
