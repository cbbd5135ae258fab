import type { Currency } from '../../../billing/money/currency.ts';
import type { Decimal } from '../../../billing/money/decimal.ts';
import type { Interval } from '../../../billing/calendar/interval.ts';
import { DecimalType } from '../../types/decimal-type.ts';
import { defineEntity, p, type InferEntity } from '@mikro-orm/postgresql';

export const Plan = defineEntity({
  name: 'Plan',
  tableName: 'plans',
  properties: {
    id: p.uuid().primary(),
    organizationId: p.uuid(),
    /** The plan that this one overrides for a subscription; null: a plan of the catalogue. */
    parentId: p.uuid().nullable(),
    name: p.text(),
    invoiceDisplayName: p.text().nullable(),
    code: p.text(),
    interval: p.text().$type<Interval>(),
    description: p.text().nullable(),
    amountCents: p.bigint('bigint'),
    amountCurrency: p.text().$type<Currency>(),
    trialPeriod: p.type(DecimalType).$type<Decimal>().nullable(),
    payInAdvance: p.boolean(),
    billChargesMonthly: p.boolean().nullable(),
    billFixedChargesMonthly: p.boolean().nullable(),
    metadata: p.json<Record<string, string | null>>().nullable(),
    pendingDeletion: p.boolean().default(false),
    deletedAt: p.datetime(3).nullable(),
    createdAt: p.datetime(3),
    updatedAt: p.datetime(3),
  },
  uniques: [{ name: 'plans_tenant', properties: ['organizationId', 'id'] }],
  indexes: [
    {
      name: 'plans_code',
      expression: `create unique index plans_code on plans (organization_id, code)
         where deleted_at is null and parent_id is null`,
    },
    { name: 'plans_newest', properties: ['organizationId', 'createdAt', 'id'] },
  ],
});
export type Plan = InferEntity<typeof Plan>;
