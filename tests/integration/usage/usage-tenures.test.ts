// Spec, decisions: what carries over follows the customer, not the external id.
import { afterAll, beforeAll, beforeEach, expect, test } from '@jest/globals';
import { v7 } from 'uuid';
import type { Customer } from '../../../db/entities/customers/customer.ts';
import { Subscription } from '../../../db/entities/subscriptions/subscription.ts';
import { sharedTenures } from '../../../db/queries/usage/usage-tenures.ts';
import { sql } from '../../../db/sql.ts';
import { billingFixture, fixtureDatabase, type BillingFixture } from '../../support/billing-fixture.ts';

let database: Awaited<ReturnType<typeof fixtureDatabase>>;
let fixture: BillingFixture;
let customers: { readonly c: Customer; readonly d: Customer };
let template: Subscription;

beforeAll(async () => {
  database = await fixtureDatabase();
});
beforeEach(async () => {
  fixture = await billingFixture(database.orm, '2026-01-01T00:00:00Z');
  customers = { c: await fixture.customer(), d: await fixture.customer() };
  const { subscriptionId } = await fixture.subscribe(customers.c, await fixture.plan({}));
  template = await fixture.em.fork().findOneOrFail(Subscription, { id: subscriptionId });
});
afterAll(() => database.close());

const day = (date: string): Date => new Date(`${date}T00:00:00Z`);

/** A subscription of January, which has ended. */
async function subscribed(customer: 'c' | 'd', externalId: string, from: string): Promise<string> {
  const id = v7();
  await fixture.em.fork().insert(Subscription, {
    ...template,
    id,
    customerId: customers[customer].id,
    externalId,
    status: 'terminated',
    startedAt: day(from),
  });
  return id;
}

const tenures = async (...ids: readonly string[]) => {
  const shared = await sharedTenures(fixture.em, fixture.organizationId, ids);
  const names = new Map(Object.entries(customers).map(([name, { id }]) => [id, name]));
  return ids.map((id) =>
    shared.get(id)?.map(({ customerId, from }) => `${names.get(customerId)} ${from.toISOString().slice(0, 10)}`),
  );
};

test('subscriptions of one customer that follow each other are one tenure', async () => {
  const first = await subscribed('c', 'shared', '2026-01-01');
  await subscribed('c', 'shared', '2026-01-03');
  const other = await subscribed('d', 'shared', '2026-01-05');
  await subscribed('d', 'shared', '2026-01-06');
  await subscribed('c', 'shared', '2026-01-08');
  const own = await subscribed('c', 'own', '2026-01-01');
  await subscribed('c', 'own', '2026-01-02');
  const expected = ['c 2026-01-01', 'd 2026-01-05', 'c 2026-01-08'];
  expect(await tenures(first, own, other)).toEqual([expected, undefined, expected]);
});

test('a part of a history is never answered for the whole of it', async () => {
  await sql(
    fixture.em,
    `insert into subscriptions (id, organization_id, customer_id, plan_id, external_id, status, billing_time,
                                subscription_at, started_at, created_at, updated_at)
     select gen_random_uuid(), organization_id, case when place % 2 = 0 then $2::uuid else $3::uuid end, plan_id,
            'handed on', 'terminated', billing_time, subscription_at, started_at + place * interval '1 minute',
            created_at, updated_at
     from subscriptions, generate_series(1, 10001) as place where id = $1`,
    [template.id, customers.c.id, customers.d.id],
  );
  const [{ id } = { id: '' }] = await sql<{ id: string }>(
    fixture.em,
    `select id from subscriptions where organization_id = $1 and external_id = 'handed on' limit 1`,
    [fixture.organizationId],
  );
  expect((await sharedTenures(fixture.em, fixture.organizationId, [id])).get(id)).toHaveLength(10_001);
  await subscribed('c', 'handed on', '2026-03-01');
  await subscribed('d', 'handed on', '2026-03-02');
  await expect(tenures(id)).rejects.toThrow('more than 10000 times');
});
