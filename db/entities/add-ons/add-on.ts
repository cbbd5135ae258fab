import { defineEntity, p, type InferEntity } from '@mikro-orm/postgresql';
import type { Currency } from '../../../billing/money/currency.ts';

/** Something that is sold once, by an invoice of its own (spec, subscriptions-and-invoices 9). */
export const AddOn = defineEntity({
  name: 'AddOn',
  tableName: 'add_ons',
  properties: {
    id: p.uuid().primary(),
    organizationId: p.uuid(),
    code: p.text(),
    name: p.text(),
    invoiceDisplayName: p.text().nullable(),
    description: p.text().nullable(),
    amountCents: p.bigint('bigint'),
    amountCurrency: p.text().$type<Currency>(),
    deletedAt: p.datetime(3).nullable(),
    createdAt: p.datetime(3),
    updatedAt: p.datetime(3),
  },
  uniques: [{ name: 'add_ons_tenant', properties: ['organizationId', 'id'] }],
  indexes: [
    {
      name: 'add_ons_code',
      expression: 'create unique index add_ons_code on add_ons (organization_id, code) where deleted_at is null',
    },
    { name: 'add_ons_newest', properties: ['organizationId', 'createdAt', 'id'] },
  ],
});
export type AddOn = InferEntity<typeof AddOn>;
