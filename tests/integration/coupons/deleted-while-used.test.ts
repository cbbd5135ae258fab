// A coupon is deleted, without the lock of anybody who has it, while an invoice uses it: neither waits for the other in
// a circle (spec, money 2.1, 2.7).
import { AsyncLocalStorage } from 'node:async_hooks';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { lockCustomer } from '../../../db/customer-lock.ts';
import { useCoupons } from '../../../db/queries/coupons/use-coupons.ts';
import { scopedTo } from '../../../db/orm.ts';
import { sql } from '../../../db/sql.ts';
import { until } from '../../support/until.ts';
import { listeningApp, type ListeningApp } from '../api/listening-app.ts';

let app: ListeningApp;

beforeAll(async () => {
  app = await listeningApp();
});

afterAll(() => app.close());

test.each([
  ['deleted first', ['delete', 'use']],
  ['used first', ['use', 'delete']],
] as const)('of one customer, who has it three times: %s', async (_how, order) => {
  const caller = await app.organization({ default_currency: 'EUR' });
  await caller.ok('POST', '/customers', { customer: { external_id: 'acme', currency: 'EUR' } });
  await caller.ok('POST', '/coupons', {
    coupon: { name: 'ten', code: 'ten', amount_cents: 1000, amount_currency: 'EUR' },
  });
  for (let count = 0; count < 3; count++) {
    await caller.ok('POST', '/applied_coupons', {
      applied_coupon: { external_customer_id: 'acme', coupon_code: 'ten' },
    });
  }
  const applied = await app.rows<{ id: string; customerId: string }>(
    `select id, customer_id as "customerId" from applied_coupons where organization_id = $1 order by id`,
    [caller.organizationId],
  );
  const [first, second] = applied as [(typeof applied)[0], (typeof applied)[0]];
  // A scan that is not sorted finds the last one first: each is stored anew, and in its indexes too.
  for (const { id } of applied.toReversed()) {
    await app.rows(`update applied_coupons set created_at = created_at + interval '1 second' where id = $1`, [id]);
  }
  const uses = applied.map(({ id }) => ({
    appliedCouponId: id,
    creditAmountCents: 10n,
    after: { frequencyDurationRemaining: null, isTerminated: true },
    isChanged: true,
  }));
  const { customerId } = first;
  const acting = {
    delete: async () => expect(await caller.send('DELETE', '/coupons/ten')).toMatchObject({ status: 200 }),
    use: () =>
      scopedTo(app.orm.em, caller.organizationId).transactional(async (em) => {
        await lockCustomer(em, customerId);
        await useCoupons(em, caller.organizationId, [{ customerId, uses }], new Date());
      }),
  };
  const blocked = () =>
    app.rows(
      `select pid from pg_stat_activity where datname = current_database() and cardinality(pg_blocking_pids(pid)) > 0`,
    );
  // The work is somebody else's: it must not find this transaction in its async context.
  const outside = AsyncLocalStorage.snapshot();
  const works: Promise<unknown>[] = [];
  await app.orm.em.fork().transactional(async (em) => {
    // Between the first and the last: whoever takes them in another order has one of both by now.
    await sql(em, 'select id from applied_coupons where id = $1 for update', [second.id]);
    for (const [index, name] of order.entries()) {
      const work = outside(acting[name]);
      work.catch(() => undefined);
      works.push(work);
      await until(async () => (await outside(blocked)).length > index, `${name} waits`);
    }
  });
  await Promise.all(works);
  expect(
    await app.rows('select distinct status from applied_coupons where organization_id = $1', [caller.organizationId]),
  ).toEqual([{ status: 'terminated' }]);
});
