import { defineEntity, p, type InferEntity } from '@mikro-orm/postgresql';
import type { Decimal } from '../../../billing/money/decimal.ts';
import { DecimalType } from '../../types/decimal-type.ts';

/** What a credit note takes back of one fee, before coupons and taxes (spec, money 3.1). */
export const CreditNoteItem = defineEntity({
  name: 'CreditNoteItem',
  tableName: 'credit_note_items',
  properties: {
    id: p.uuid().primary(),
    organizationId: p.uuid(),
    creditNoteId: p.uuid(),
    feeId: p.uuid(),
    amountCents: p.bigint('bigint'),
    preciseAmountCents: p.type(DecimalType).$type<Decimal>().precision(30).scale(5),
    amountCurrency: p.text(),
    createdAt: p.datetime(3),
  },
  indexes: [
    { name: 'credit_note_items_of_note', properties: ['creditNoteId', 'id'] },
    { name: 'credit_note_items_of_fee', properties: ['feeId'] },
  ],
});
export type CreditNoteItem = InferEntity<typeof CreditNoteItem>;
