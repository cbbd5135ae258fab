import { defineEntity, p, type InferEntity } from '@mikro-orm/postgresql';

/** What something took off an invoice (spec, money 2.6, 3.8). */
export const Credit = defineEntity({
  name: 'Credit',
  tableName: 'credits',
  properties: {
    id: p.uuid().primary(),
    organizationId: p.uuid(),
    invoiceId: p.uuid(),
    /** What took it: a coupon of the customer, or else a credit note. */
    appliedCouponId: p.uuid().nullable(),
    creditNoteId: p.uuid().nullable(),
    amountCents: p.bigint('bigint'),
    amountCurrency: p.text(),
    beforeTaxes: p.boolean(),
    createdAt: p.datetime(3),
  },
  uniques: [{ name: 'credits_coupon_once', properties: ['invoiceId', 'appliedCouponId'] }],
  checks: [{ name: 'credits_one_source', expression: 'num_nonnulls(applied_coupon_id, credit_note_id) = 1' }],
  indexes: [
    { name: 'credits_of_applied_coupon', properties: ['appliedCouponId', 'invoiceId'] },
    {
      name: 'credits_credit_note_once',
      expression: `create unique index credits_credit_note_once on credits (credit_note_id, invoice_id)
         where credit_note_id is not null`,
    },
  ],
});
export type Credit = InferEntity<typeof Credit>;
