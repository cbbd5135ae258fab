import { defineEntity, p, type InferEntity } from '@mikro-orm/postgresql';

/** Why an invoice could not be made; shown as `error_details`. */
export const InvoiceError = defineEntity({
  name: 'InvoiceError',
  tableName: 'invoice_errors',
  properties: {
    id: p.uuid().primary(),
    organizationId: p.uuid(),
    invoiceId: p.uuid(),
    errorCode: p.text().$type<'not_provided' | 'tax_error' | 'tax_voiding_error' | 'invoice_generation_error'>(),
    details: p.json<Record<string, unknown>>(),
    createdAt: p.datetime(3),
  },
  indexes: [{ name: 'invoice_errors_of_invoice', properties: ['organizationId', 'invoiceId'] }],
});
export type InvoiceError = InferEntity<typeof InvoiceError>;
