import { defineEntity, p, type InferEntity } from '@mikro-orm/postgresql';
import type { ChargeProperties } from '../../../billing/charges/properties.ts';
import type { KeyLists } from '../../../billing/usage/bucket-condition.ts';
import { Charge } from './charge.ts';

/** A charge's own price for events with certain properties; kept when deleted, since fees name it. */
export const ChargeFilter = defineEntity({
  name: 'ChargeFilter',
  tableName: 'charge_filters',
  properties: {
    id: p.uuid().primary(),
    organizationId: p.uuid(),
    /** A relation, so that the ORM inserts the charge first; the foreign key is the migrations'. */
    chargeId: () => p.manyToOne(Charge).mapToPk().joinColumn('charge_id').createForeignKeyConstraint(false),
    values: p.json<KeyLists>(),
    /** Of the charge's model. */
    properties: p.json<ChargeProperties>(),
    invoiceDisplayName: p.text().nullable(),
    /** Its place in the charge's list. */
    position: p.integer(),
    deletedAt: p.datetime(3).nullable(),
    createdAt: p.datetime(3),
    updatedAt: p.datetime(3),
  },
  uniques: [{ name: 'charge_filters_tenant', properties: ['organizationId', 'id'] }],
  indexes: [
    {
      name: 'charge_filters_of_charge',
      expression: `create index charge_filters_of_charge on charge_filters (charge_id, position)
         where deleted_at is null`,
    },
  ],
});
export type ChargeFilter = InferEntity<typeof ChargeFilter>;
