import { defineEntity, p, type InferEntity } from '@mikro-orm/postgresql';

/** The number given out last for a customer by a billing entity (spec, subscriptions-and-invoices 6.5). */
export const InvoiceSequence = defineEntity({
  name: 'InvoiceSequence',
  tableName: 'invoice_sequences',
  properties: {
    customerId: p.uuid().primary(),
    billingEntityId: p.uuid().primary(),
    organizationId: p.uuid(),
    sequence: p.integer(),
  },
});
export type InvoiceSequence = InferEntity<typeof InvoiceSequence>;
