import { defineEntity, p, type InferEntity } from '@mikro-orm/postgresql';
import type { Decimal } from '../../../billing/money/decimal.ts';
import { DecimalType } from '../../types/decimal-type.ts';

/** A tax on an invoice, with a copy of what the tax said (spec, money 1.1, 1.5). */
export const InvoiceAppliedTax = defineEntity({
  name: 'InvoiceAppliedTax',
  tableName: 'invoice_applied_taxes',
  properties: {
    id: p.uuid().primary(),
    organizationId: p.uuid(),
    invoiceId: p.uuid(),
    /** null: an external provider said so (spec, money 1.8). */
    taxId: p.uuid().nullable(),
    taxCode: p.text(),
    taxName: p.text(),
    taxDescription: p.text().nullable(),
    taxRate: p.type(DecimalType).$type<Decimal>(),
    /** What the taxed fees cost, without what coupons took from them. */
    feesAmountCents: p.bigint('bigint'),
    amountCents: p.bigint('bigint'),
    amountCurrency: p.text(),
    createdAt: p.datetime(3),
  },
  indexes: [
    { name: 'invoice_applied_taxes_of_invoice', properties: ['invoiceId', 'id'] },
    { name: 'invoice_applied_taxes_of_tax', properties: ['organizationId', 'taxId'] },
  ],
});
export type InvoiceAppliedTax = InferEntity<typeof InvoiceAppliedTax>;
