import { NO_CHAIN } from '../../billing/subscriptions/subscription-chain.ts';
import type { EntityManager, MikroORM } from '@mikro-orm/postgresql';
import { v7 } from 'uuid';
import type { ActivityDependencies } from '../../activities/dependencies.ts';
import { nextPeriodAct } from '../../activities/subscriptions/next-period.ts';
import type { PeriodArgument } from '../../activities/subscriptions/period-act.ts';
import type { Interval } from '../../billing/calendar/interval.ts';
import { wantActs } from '../../db/acts/want-acts.ts';
import { BillableMetric } from '../../db/entities/usage/billable-metric.ts';
import { BillingEntity } from '../../db/entities/organizations/billing-entity.ts';
import { Charge } from '../../db/entities/plans/charge.ts';
import { Customer } from '../../db/entities/customers/customer.ts';
import { Organization } from '../../db/entities/organizations/organization.ts';
import { Plan } from '../../db/entities/plans/plan.ts';
import { Subscription } from '../../db/entities/subscriptions/subscription.ts';
import { openOrm, scopedTo } from '../../db/orm.ts';
import { activityDependencies } from './activity-dependencies.ts';
import { testDatabase } from './servers/test-database.ts';

/** An organization in test mode, written straight into the database, for tests of what activities do. */
export interface BillingFixture {
  readonly em: EntityManager;
  readonly organizationId: string;
  readonly dependencies: ActivityDependencies;
  readonly moveClock: (to: string) => Promise<void>;
  readonly customer: (settings?: { readonly timezone?: string }) => Promise<Customer>;
  readonly plan: (settings: {
    readonly interval?: Interval;
    readonly amountCents?: bigint;
    readonly currency?: 'EUR' | 'USD';
    readonly pricePerEvent?: string;
  }) => Promise<Plan>;
  /** Subscribes at the present moment of the clock. @returns the argument of its first period's workflow. */
  readonly subscribe: (customer: Customer, plan: Plan) => Promise<PeriodArgument>;
}

/** A database for the fixtures of one test file. */
export async function fixtureDatabase(): Promise<{
  readonly orm: MikroORM;
  readonly databaseUrl: string;
  readonly close: () => Promise<void>;
}> {
  const database = await testDatabase();
  const orm = await openOrm(database.databaseUrl);
  return {
    orm,
    databaseUrl: database.databaseUrl,
    close: async () => {
      await orm.close();
      await database.drop();
    },
  };
}

/** A new organization, its clock frozen at `startsAt`. */
export async function billingFixture(orm: MikroORM, startsAt: string): Promise<BillingFixture> {
  const organizationId = v7();
  let now = new Date(startsAt);
  const dependencies = activityDependencies(orm, () => now);
  const stamps = () => ({ createdAt: now, updatedAt: now });
  const setUp = orm.em.fork();
  setUp.create(Organization, { id: organizationId, name: 'Fixture', testMode: true, clockNow: now, ...stamps() });
  await setUp.flush();
  const em = scopedTo(orm.em, organizationId);
  const owner = { organizationId };
  const entity = em.create(BillingEntity, {
    ...owner,
    ...stamps(),
    id: v7(),
    code: 'default',
    name: 'Fixture',
    isDefault: true,
    defaultCurrency: 'EUR',
    documentNumberPrefix: 'FIX-1',
  });
  const metric = em.create(BillableMetric, {
    ...owner,
    ...stamps(),
    id: v7(),
    name: 'Calls',
    code: 'calls',
    aggregationType: 'count_agg',
  });
  await em.flush();
  let customers = 0;
  let plans = 0;
  return {
    em,
    organizationId,
    dependencies,
    moveClock: async (to) => {
      now = new Date(to);
      await orm.em.fork().nativeUpdate(Organization, { id: organizationId }, { clockNow: now });
    },
    customer: async (settings = {}) => {
      const sequentialId = ++customers;
      const row = em.create(Customer, {
        ...owner,
        ...stamps(),
        ...settings,
        id: v7(),
        billingEntityId: entity.id,
        externalId: `customer-${sequentialId}`,
        sequentialId,
        slug: `FIX-1-${sequentialId}`,
      });
      await em.flush();
      return row;
    },
    plan: async ({ interval = 'monthly', amountCents = 3100n, currency = 'EUR', pricePerEvent }) => {
      const code = `plan-${++plans}`;
      const row = em.create(Plan, {
        ...owner,
        ...stamps(),
        id: v7(),
        name: code,
        code,
        interval,
        amountCents,
        amountCurrency: currency,
        payInAdvance: false,
      });
      await em.flush();
      if (pricePerEvent !== undefined) {
        em.create(Charge, {
          ...owner,
          ...stamps(),
          id: v7(),
          planId: row.id,
          billableMetricId: metric.id,
          code: 'calls',
          chargeModel: 'standard',
          properties: { amount: pricePerEvent },
          position: 0,
        });
        await em.flush();
      }
      return row;
    },
    subscribe: async (customer, plan) => {
      const id = v7();
      const subscription = em.create(Subscription, {
        ...owner,
        ...stamps(),
        id,
        customerId: customer.id,
        planId: plan.id,
        externalId: `subscription-${id}`,
        status: 'active',
        billingTime: 'calendar',
        subscriptionAt: now,
        startedAt: now,
        activatedAt: now,
      });
      await em.flush();
      const act = nextPeriodAct(
        {
          subscription,
          plan,
          customer,
          timeZone: customer.timezone ?? entity.timezone,
          hasTestClock: true,
          chain: NO_CHAIN,
        },
        dependencies.timing,
      )!;
      await wantActs(em, [act], now);
      return act.argument as unknown as PeriodArgument;
    },
  };
}
