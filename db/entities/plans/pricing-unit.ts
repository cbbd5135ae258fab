import { defineEntity, p, type InferEntity } from '@mikro-orm/postgresql';

/** A unit of an organization's own, such as credits, in which charges say their prices (spec, usage 11). */
export const PricingUnit = defineEntity({
  name: 'PricingUnit',
  tableName: 'pricing_units',
  properties: {
    id: p.uuid().primary(),
    organizationId: p.uuid(),
    code: p.text(),
    name: p.text(),
    shortName: p.text(),
    description: p.text().nullable(),
    createdAt: p.datetime(3),
    updatedAt: p.datetime(3),
  },
  uniques: [
    { name: 'pricing_units_tenant', properties: ['organizationId', 'id'] },
    { name: 'pricing_units_code', properties: ['organizationId', 'code'] },
  ],
  indexes: [{ name: 'pricing_units_newest', properties: ['organizationId', 'createdAt', 'id'] }],
});
export type PricingUnit = InferEntity<typeof PricingUnit>;
