import { defineEntity, p, type InferEntity } from '@mikro-orm/postgresql';
import type {
  CreditNoteReason,
  CreditNoteStatus,
  CreditStatus,
  RefundStatus,
} from '../../../billing/credit-notes/credit-note.ts';
import type { Decimal } from '../../../billing/money/decimal.ts';
import { DecimalType } from '../../types/decimal-type.ts';

/** What is taken back of an invoice (spec, money 3.1). Amounts are in the currency's subunits. */
export const CreditNote = defineEntity({
  name: 'CreditNote',
  tableName: 'credit_notes',
  properties: {
    id: p.uuid().primary(),
    organizationId: p.uuid(),
    customerId: p.uuid(),
    invoiceId: p.uuid(),
    /** The subscription whose end made it; null: it was asked for. */
    terminatedSubscriptionId: p.uuid().nullable(),
    /** Its place among the notes of its invoice. */
    sequentialId: p.integer(),
    number: p.text(),
    status: p.text().$type<CreditNoteStatus>(),
    creditStatus: p.text().$type<CreditStatus>().nullable(),
    /** null: nothing is paid back. */
    refundStatus: p.text().$type<RefundStatus>().nullable(),
    reason: p.text().$type<CreditNoteReason>(),
    description: p.text().nullable(),
    currency: p.text(),
    /** A date of the customer's calendar. */
    issuingDate: p.date(),
    creditAmountCents: p.bigint('bigint'),
    refundAmountCents: p.bigint('bigint'),
    /** Taken off what is still due on its own invoice. */
    offsetAmountCents: p.bigint('bigint'),
    totalAmountCents: p.bigint('bigint'),
    /** What is left of the credit. */
    balanceAmountCents: p.bigint('bigint'),
    subTotalExcludingTaxesAmountCents: p.bigint('bigint'),
    couponsAdjustmentAmountCents: p.bigint('bigint'),
    preciseCouponsAdjustmentAmountCents: p.type(DecimalType).$type<Decimal>().precision(30).scale(5),
    taxesAmountCents: p.bigint('bigint'),
    preciseTaxesAmountCents: p.type(DecimalType).$type<Decimal>().precision(30).scale(5),
    /** Percent, of all its taxes. */
    taxesRate: p.double(),
    metadata: p.json<Record<string, string | null>>().nullable(),
    refundedAt: p.datetime(3).nullable(),
    voidedAt: p.datetime(3).nullable(),
    createdAt: p.datetime(3),
    updatedAt: p.datetime(3),
  },
  uniques: [
    { name: 'credit_notes_tenant', properties: ['organizationId', 'id'] },
    { name: 'credit_notes_number_in_invoice', properties: ['invoiceId', 'sequentialId'] },
  ],
  checks: [
    {
      name: 'credit_notes_amounts',
      expression: `credit_amount_cents >= 0 and refund_amount_cents >= 0 and offset_amount_cents >= 0
         and total_amount_cents = credit_amount_cents + refund_amount_cents + offset_amount_cents
         and total_amount_cents = sub_total_excluding_taxes_amount_cents + taxes_amount_cents
         and balance_amount_cents >= 0 and balance_amount_cents <= credit_amount_cents`,
    },
  ],
  indexes: [
    {
      name: 'credit_notes_one_termination',
      expression: `create unique index credit_notes_one_termination on credit_notes (terminated_subscription_id)
         where terminated_subscription_id is not null`,
    },
    {
      name: 'credit_notes_open',
      expression: `create index credit_notes_open on credit_notes (customer_id, created_at, id)
         where status = 'finalized' and credit_status = 'available' and balance_amount_cents > 0`,
    },
    { name: 'credit_notes_newest', properties: ['organizationId', 'createdAt', 'id'] },
    { name: 'credit_notes_of_customer', properties: ['organizationId', 'customerId', 'createdAt'] },
  ],
});
export type CreditNote = InferEntity<typeof CreditNote>;
