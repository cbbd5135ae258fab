import type { EntityManager } from '@mikro-orm/postgresql';
import type { CreditedFee, CreditedInvoice } from '../../billing/credit-notes/credited-invoice.ts';
import { Decimal } from '../../billing/money/decimal.ts';
import type { Tax } from '../../billing/taxes/tax.ts';
import { Fee } from '../../db/entities/invoices/fee.ts';
import { InvoiceAppliedTax } from '../../db/entities/invoices/invoice-applied-tax.ts';
import type { Invoice } from '../../db/entities/invoices/invoice.ts';
import { notesOfInvoice, type NoteOfInvoice } from '../../db/queries/credit-notes/notes-of-invoice.ts';

/** An invoice with its credit notes, as they are stored. */
export interface StoredCreditedInvoice extends CreditedInvoice {
  readonly notes: readonly NoteOfInvoice[];
}

/**
 * What credit notes have to know of an invoice: three statements, whatever is on it. Whoever saves a note of it calls
 * this under the customer's lock.
 */
export async function loadCreditedInvoice(em: EntityManager, invoice: Invoice): Promise<StoredCreditedInvoice> {
  const ofInvoice = { invoiceId: invoice.id };
  const fees = await em.find(Fee, ofInvoice, { orderBy: { position: 'asc', id: 'asc' } });
  const taxes = await em.find(InvoiceAppliedTax, ofInvoice, { orderBy: { id: 'asc' } });
  const notes = await notesOfInvoice(em, invoice.organizationId, invoice.id);
  const items = Map.groupBy(
    notes.flatMap((note) => note.items),
    ({ feeId }) => feeId,
  );
  return {
    invoiceType: invoice.invoiceType,
    status: invoice.status,
    paymentStatus: invoice.paymentStatus,
    couponsAmountCents: invoice.couponsAmountCents,
    progressiveBillingCreditAmountCents: invoice.progressiveBillingCreditAmountCents,
    subTotalExcludingTaxesAmountCents: invoice.subTotalExcludingTaxesAmountCents,
    taxesAmountCents: invoice.taxesAmountCents,
    totalAmountCents: invoice.totalAmountCents,
    totalPaidAmountCents: invoice.totalPaidAmountCents,
    fees: fees.map((fee) => ({
      ...uncreditedFee(fee),
      creditedCents: (items.get(fee.id) ?? []).reduce((sum, { amountCents }) => sum + amountCents, 0n),
    })),
    taxes: taxes.map(taxOf),
    notes,
  };
}

const uncreditedFee = (fee: Fee): Omit<CreditedFee, 'creditedCents'> => ({
  id: fee.id,
  amountCents: fee.amountCents,
  preciseCouponsAmountCents: fee.preciseCouponsAmountCents,
  taxesRate: new Decimal(fee.taxesRate),
  taxesBaseRate: fee.taxesBaseRate,
  taxes: fee.appliedTaxes.map(({ code, rate }) => ({ code, rate: new Decimal(rate) })),
});

const taxOf = (tax: InvoiceAppliedTax): Tax => ({
  taxId: tax.taxId ?? null,
  code: tax.taxCode,
  name: tax.taxName,
  description: tax.taxDescription ?? null,
  rate: tax.taxRate,
});
