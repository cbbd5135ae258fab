import { centsToNumber } from '../../billing/money/cents.ts';
import { plainDecimal, ZERO } from '../../billing/money/decimal.ts';
import type { CreditNoteAppliedTax } from '../../db/entities/credit-notes/credit-note-applied-tax.ts';
import type { CreditNoteItem } from '../../db/entities/credit-notes/credit-note-item.ts';
import type { CreditNote } from '../../db/entities/credit-notes/credit-note.ts';
import type { Customer } from '../../db/entities/customers/customer.ts';
import type { Invoice } from '../../db/entities/invoices/invoice.ts';
import type { BillingEntity } from '../../db/entities/organizations/billing-entity.ts';
import { customerJson } from '../customers/customer.ts';
import { datetime } from '../formats.ts';
import type { feeJson } from '../invoices/fee.ts';
import { creditNoteAppliedTaxJson } from '../taxes/applied-tax.ts';

/** What a credit note's JSON is made of besides its own fields. */
export interface CreditNoteRelations {
  readonly invoice: Pick<Invoice, 'number' | 'purchaseOrderNumber' | 'selfBilled'>;
  /** The issuer. */
  readonly billingEntity: Pick<BillingEntity, 'code'>;
  readonly customer: Customer;
  /** The customer's. */
  readonly customerEntity: BillingEntity;
  readonly items: readonly { readonly item: CreditNoteItem; readonly fee: ReturnType<typeof feeJson<string>> }[];
  readonly appliedTaxes: readonly CreditNoteAppliedTax[];
}

/** Spec, money 3.1. */
export const creditNoteJson = (
  note: CreditNote,
  { invoice, billingEntity, customer, customerEntity, items, appliedTaxes }: CreditNoteRelations,
) => ({
  lago_id: note.id,
  billing_entity_code: billingEntity.code,
  sequential_id: note.sequentialId,
  number: note.number,
  lago_invoice_id: note.invoiceId,
  invoice_number: invoice.number,
  purchase_order_number: invoice.purchaseOrderNumber ?? null,
  issuing_date: note.issuingDate,
  credit_status: note.creditStatus ?? null,
  refund_status: note.refundStatus ?? null,
  reason: note.reason,
  description: note.description ?? null,
  currency: note.currency,
  ...amounts(note, items),
  self_billed: invoice.selfBilled,
  file_url: null,
  xml_url: null,
  created_at: datetime(note.createdAt),
  updated_at: datetime(note.updatedAt),
  items: items.map(({ item, fee }) => ({
    lago_id: item.id,
    amount_cents: centsToNumber(item.amountCents),
    precise_amount_cents: plainDecimal(item.preciseAmountCents),
    amount_currency: item.amountCurrency,
    fee,
  })),
  applied_taxes: appliedTaxes.map(creditNoteAppliedTaxJson),
  customer: customerJson(customer, customerEntity),
  error_details: [],
  ...(note.metadata && { metadata: note.metadata }),
});

function amounts(note: CreditNote, items: CreditNoteRelations['items']) {
  const preciseTotal = items
    .reduce((sum, { item }) => sum.plus(item.preciseAmountCents), ZERO)
    .minus(note.preciseCouponsAdjustmentAmountCents)
    .plus(note.preciseTaxesAmountCents);
  return {
    total_amount_cents: centsToNumber(note.totalAmountCents),
    precise_total_amount_cents: plainDecimal(preciseTotal),
    taxes_amount_cents: centsToNumber(note.taxesAmountCents),
    precise_taxes_amount_cents: plainDecimal(note.preciseTaxesAmountCents),
    taxes_rate: Number(note.taxesRate),
    sub_total_excluding_taxes_amount_cents: centsToNumber(note.subTotalExcludingTaxesAmountCents),
    coupons_adjustment_amount_cents: centsToNumber(note.couponsAdjustmentAmountCents),
    balance_amount_cents: centsToNumber(note.balanceAmountCents),
    credit_amount_cents: centsToNumber(note.creditAmountCents),
    refund_amount_cents: centsToNumber(note.refundAmountCents),
    offset_amount_cents: centsToNumber(note.offsetAmountCents),
  };
}
