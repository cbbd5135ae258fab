import { defineEntity, p, type InferEntity } from '@mikro-orm/postgresql';
import type { ChargeModel } from '../../../billing/charges/charge-model.ts';
import type { ChargeProperties } from '../../../billing/charges/properties.ts';
import type { Decimal } from '../../../billing/money/decimal.ts';
import { DecimalType } from '../../types/decimal-type.ts';
import { Plan } from './plan.ts';

/** A plan's usage price of one billable metric. */
export const Charge = defineEntity({
  name: 'Charge',
  tableName: 'charges',
  properties: {
    id: p.uuid().primary(),
    organizationId: p.uuid(),
    /** A relation, so that the ORM inserts the plan first; the foreign key is the migrations'. */
    planId: () => p.manyToOne(Plan).mapToPk().joinColumn('plan_id').createForeignKeyConstraint(false),
    billableMetricId: p.uuid(),
    parentId: p.uuid().nullable(),
    code: p.text(),
    chargeModel: p.text().$type<ChargeModel>(),
    invoiceDisplayName: p.text().nullable(),
    payInAdvance: p.boolean().default(false),
    invoiceable: p.boolean().default(true),
    regroupPaidFees: p.text().$type<'invoice'>().nullable(),
    prorated: p.boolean().default(false),
    minAmountCents: p.bigint('bigint').default('0'),
    /** What its prices and its minimum are said in; null: the plan's currency. */
    pricingUnitId: p.uuid().nullable(),
    /** Currency units that one of it is worth. */
    pricingUnitRate: p.type(DecimalType).$type<Decimal>().nullable(),
    acceptsTargetWallet: p.boolean().default(false),
    properties: p.json<ChargeProperties>(),
    /** Its place in the plan's list: charges are shown and billed in this order. */
    position: p.integer(),
    deletedAt: p.datetime(3).nullable(),
    createdAt: p.datetime(3),
    updatedAt: p.datetime(3),
  },
  uniques: [{ name: 'charges_tenant', properties: ['organizationId', 'id'] }],
  indexes: [
    { name: 'charges_of_plan', properties: ['organizationId', 'planId', 'position'] },
    {
      name: 'charges_code',
      expression:
        'create unique index charges_code on charges (organization_id, plan_id, code) where deleted_at is null',
    },
    { name: 'charges_of_metric', properties: ['organizationId', 'billableMetricId'] },
    {
      name: 'charges_in_advance',
      expression: `create index charges_in_advance on charges (organization_id, billable_metric_id)
         where pay_in_advance and deleted_at is null`,
    },
  ],
});
export type Charge = InferEntity<typeof Charge>;
