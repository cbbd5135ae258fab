import type { EntityManager } from '@mikro-orm/postgresql';
import type { CreditedFee, CreditedInvoice } from '../../billing/credit-notes/credited-invoice.ts';
import { Decimal } from '../../billing/money/decimal.ts';
import type { Tax } from '../../billing/taxes/tax.ts';
import { Fee } from '../../db/entities/invoices/fee.ts';
import { InvoiceAppliedTax } from '../../db/entities/invoices/invoice-applied-tax.ts';
import type { Invoice } from '../../db/entities/invoices/invoice.ts';

/** What credit notes have to know of an invoice: two statements, whatever is on it. */
export async function loadCreditedInvoice(em: EntityManager, invoice: Invoice): Promise<CreditedInvoice> {
  const ofInvoice = { invoiceId: invoice.id };
  const fees = await em.find(Fee, ofInvoice, { orderBy: { position: 'asc', id: 'asc' } });
  const taxes = await em.find(InvoiceAppliedTax, ofInvoice, { orderBy: { id: 'asc' } });
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
    fees: fees.map(creditedFee),
    taxes: taxes.map(taxOf),
    // None is stored yet.
    notes: [],
  };
}

const creditedFee = (fee: Fee): CreditedFee => ({
  id: fee.id,
  amountCents: fee.amountCents,
  preciseCouponsAmountCents: fee.preciseCouponsAmountCents,
  taxesRate: new Decimal(fee.taxesRate),
  taxesBaseRate: fee.taxesBaseRate,
  taxCodes: fee.appliedTaxes.map(({ code }) => code),
  creditedCents: 0n,
});

const taxOf = (tax: InvoiceAppliedTax): Tax => ({
  taxId: tax.taxId ?? null,
  code: tax.taxCode,
  name: tax.taxName,
  description: tax.taxDescription ?? null,
  rate: tax.taxRate,
});
