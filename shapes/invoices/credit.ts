import { z } from 'zod';
import { centsToNumber } from '../../billing/money/cents.ts';
import type { ShownCredit } from '../../db/queries/coupons/shown-credits.ts';

export const creditSchema = z
  .strictObject({
    lago_id: z.uuid(),
    amount_cents: z.int(),
    amount_currency: z.string(),
    before_taxes: z.boolean(),
    item: z.strictObject({
      lago_item_id: z.uuid(),
      type: z.enum(['coupon', 'credit_note', 'invoice']),
      code: z.string(),
      name: z.string(),
      description: z.string().nullable(),
    }),
    invoice: z.strictObject({
      lago_id: z.uuid(),
      payment_status: z.enum(['pending', 'succeeded', 'failed']),
    }),
  })
  .meta({ id: 'Credit' });

/** What was taken off an invoice (spec, api 3.6). */
export const creditJson = (credit: ShownCredit) => ({
  lago_id: credit.id,
  amount_cents: centsToNumber(credit.amountCents),
  amount_currency: credit.amountCurrency,
  before_taxes: credit.beforeTaxes,
  item: {
    lago_item_id: credit.source.id,
    type: credit.source.type,
    code: credit.source.code,
    name: credit.source.name,
    description: credit.source.description,
  },
  invoice: { lago_id: credit.invoiceId, payment_status: credit.paymentStatus },
});
