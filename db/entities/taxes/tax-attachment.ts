import { defineEntity, p, type InferEntity } from '@mikro-orm/postgresql';

/** That a tax is attached to a customer, billing entity, plan, charge or add-on (spec, money 1.2). */
export const TaxAttachment = defineEntity({
  name: 'TaxAttachment',
  tableName: 'tax_attachments',
  properties: {
    /** The one of the ids below that is not null, so that the taxes of many things of all kinds are one look-up. */
    ownerId: p.uuid().primary(),
    taxId: p.uuid().primary(),
    organizationId: p.uuid(),
    customerId: p.uuid().nullable(),
    billingEntityId: p.uuid().nullable(),
    planId: p.uuid().nullable(),
    chargeId: p.uuid().nullable(),
    addOnId: p.uuid().nullable(),
    createdAt: p.datetime(3),
  },
  checks: [
    {
      name: 'tax_attachments_owner',
      expression:
        'num_nonnulls(customer_id, billing_entity_id, plan_id, charge_id, add_on_id) = 1 ' +
        'and owner_id = coalesce(customer_id, billing_entity_id, plan_id, charge_id, add_on_id)',
    },
  ],
  indexes: [{ name: 'tax_attachments_of_tax', properties: ['organizationId', 'taxId'] }],
});
export type TaxAttachment = InferEntity<typeof TaxAttachment>;
