import type { EntityManager } from '@mikro-orm/postgresql';
import { v7 } from 'uuid';
import type { TaxedInvoice } from '../../billing/invoices/tax-waiting-invoice.ts';
import { assertTransition } from '../../billing/invoices/invoice-transitions.ts';
import { Credit } from '../../db/entities/invoices/credit.ts';
import { InvoiceAppliedTax } from '../../db/entities/invoices/invoice-applied-tax.ts';
import { InvoiceError } from '../../db/entities/invoices/invoice-error.ts';
import type { WaitingInvoiceRows } from '../../db/queries/taxes/waiting-invoice.ts';
import { creditAfterEnd } from '../credit-notes/credit-after-end.ts';
import { followTaxes } from '../credit-notes/follow-draft.ts';
import { feeTaxColumns, invoiceTaxColumns, noteCreditColumns } from '../invoices/invoice-rows.ts';
import { concludeInvoices, type InvoicePlace } from '../invoices/save-invoices.ts';

/**
 * Writes the taxes of an invoice that waited for them, and makes it final if it is no draft; its number comes last, and
 * then what follows from it. A subscription in advance that has ended meanwhile is credited now.
 *
 * @param now the organization's clock.
 */
export async function saveTaxedInvoice(
  em: EntityManager,
  { invoice, fees, customer, billingEntity, hasDraftNotes, endedInAdvance, clockNow }: WaitingInvoiceRows,
  taxed: TaxedInvoice,
  now: Date,
): Promise<void> {
  const { id: invoiceId, organizationId, currency: amountCurrency } = invoice;
  assertTransition(invoice.status, taxed.status, 'taxation');
  const taxesOf = new Map(taxed.fees.map((fee) => [fee.id, fee]));
  for (const fee of fees) {
    const { preciseCreditNotesAmountCents, ...taxes } = taxesOf.get(fee.id)!;
    em.assign(fee, { ...feeTaxColumns(taxes), preciseCreditNotesAmountCents, updatedAt: now });
  }
  for (const tax of taxed.appliedTaxes) {
    const columns = { ...invoiceTaxColumns(tax), amountCurrency };
    em.create(InvoiceAppliedTax, { ...columns, id: v7(), organizationId, invoiceId, createdAt: now });
  }
  for (const use of taxed.noteUses) {
    const columns = { ...noteCreditColumns(use), amountCurrency };
    em.create(Credit, { ...columns, id: v7(), organizationId, invoiceId, createdAt: now });
  }
  em.assign(invoice, {
    taxesAmountCents: taxed.taxesAmountCents,
    taxesRate: taxed.taxesRate.toNumber(),
    taxStatus: 'succeeded',
    subTotalIncludingTaxesAmountCents: taxed.subTotalIncludingTaxesAmountCents,
    creditNotesAmountCents: taxed.creditNotesAmountCents,
    totalAmountCents: taxed.totalAmountCents,
    paymentStatus: taxed.paymentStatus,
    issuingDate: taxed.issuingDate.toString(),
    paymentDueDate: taxed.paymentDueDate.toString(),
    netPaymentTerm: taxed.netPaymentTerm,
    status: taxed.status,
    ...(taxed.status === 'finalized' && { finalizedAt: now }),
    updatedAt: now,
  });
  await em.nativeDelete(InvoiceError, { invoiceId });
  await em.flush();
  const place: InvoicePlace = {
    invoiceId,
    customer,
    billingEntity,
    purchaseOrderNumber: invoice.purchaseOrderNumber ?? null,
    now,
    hasTestClock: clockNow !== null,
  };
  await concludeInvoices(em, [{ place, invoice, effects: taxed.effects }]);
  if (hasDraftNotes) await followTaxes(em, { organizationId, now }, invoiceId);
  if (taxed.status === 'draft') return;
  for (const subscriptionId of endedInAdvance)
    await creditAfterEnd(em, { organizationId, invoiceId, subscriptionId }, now);
}
