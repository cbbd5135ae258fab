import { defineEntity, p, type InferEntity } from '@mikro-orm/postgresql';
import type { Decimal } from '../../../billing/money/decimal.ts';
import { DecimalType } from '../../types/decimal-type.ts';

/** A tax that a credit note takes back, with a copy of what the invoice's said (spec, money 1.1, 3.5). */
export const CreditNoteAppliedTax = defineEntity({
  name: 'CreditNoteAppliedTax',
  tableName: 'credit_note_applied_taxes',
  properties: {
    id: p.uuid().primary(),
    organizationId: p.uuid(),
    creditNoteId: p.uuid(),
    /** null: an external provider said so (spec, money 1.8), or the tax is deleted. */
    taxId: p.uuid().nullable(),
    taxCode: p.text(),
    taxName: p.text(),
    taxDescription: p.text().nullable(),
    taxRate: p.type(DecimalType).$type<Decimal>(),
    /** What the items are without coupons. */
    baseAmountCents: p.bigint('bigint'),
    amountCents: p.bigint('bigint'),
    amountCurrency: p.text(),
    createdAt: p.datetime(3),
  },
  indexes: [
    { name: 'credit_note_applied_taxes_of_note', properties: ['creditNoteId', 'id'] },
    { name: 'credit_note_applied_taxes_of_tax', properties: ['organizationId', 'taxId'] },
  ],
});
export type CreditNoteAppliedTax = InferEntity<typeof CreditNoteAppliedTax>;
