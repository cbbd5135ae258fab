// Billing by look-ahead (docs/architecture/periods.md): a page of customers in one transaction, by the activity itself on
// a real database.
import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { billPeriod } from '../../../activities/subscriptions/bill-period.ts';
import { lookAheadLimits } from '../../../activities/look-ahead-limits.ts';
import type { PeriodArgument } from '../../../activities/subscriptions/period-act.ts';
import { recordBillingFailure } from '../../../activities/subscriptions/record-billing-failure.ts';
import { lockCustomer } from '../../../db/customer-lock.ts';
import { openOrm } from '../../../db/orm.ts';
import { sql } from '../../../db/sql.ts';
import { billingFixture, fixtureDatabase, type BillingFixture } from '../../support/billing-fixture.ts';
import { onStatement } from '../../support/on-statement.ts';

let database: Awaited<ReturnType<typeof fixtureDatabase>>;
let fixture: BillingFixture;

beforeAll(async () => {
  database = await fixtureDatabase();
});
beforeEach(async () => {
  fixture = await billingFixture(database.orm, '2023-01-15T10:00:00Z');
});
afterAll(() => database.close());

const bill = (argument: PeriodArgument) => billPeriod(fixture.dependencies, argument);
const rows = <Row extends object>(statement: string) =>
  sql<Row>(fixture.em.fork(), statement, [fixture.organizationId]);

/** As if their workflows were started: no act is done without its workflow. */
const start = () => rows(`update acts set state = 'waiting' where organization_id = $1 and state = 'wanted'`);

async function subscribed(count: number, plan?: Awaited<ReturnType<BillingFixture['plan']>>) {
  const planned = plan ?? (await fixture.plan({ amountCents: 3100n }));
  const all: PeriodArgument[] = [];
  for (let index = 0; index < count; index++) all.push(await fixture.subscribe(await fixture.customer(), planned));
  await start();
  return all;
}

const due = () => fixture.moveClock('2023-02-01T00:00:00Z');

interface Made {
  readonly number: string;
  readonly total: string;
  readonly customer: number;
}

const made = () =>
  rows<Made>(
    `select invoices.number, invoices.total_amount_cents as total, customers.sequential_id as customer
     from invoices join customers on customers.id = invoices.customer_id
     where invoices.organization_id = $1 and invoices.status = 'finalized' order by customers.sequential_id`,
  );

const doneBy = async () =>
  new Map(
    (
      await rows<{ id: string; by: string | null }>(
        `select id, done_by as by from acts where organization_id = $1 and state = 'done'`,
      )
    ).map(({ id, by }) => [id, by]),
  );

/** Everybody has one invoice of 17 of 31 days, and the counters have no holes. */
const expectEachOnce = async (count: number) =>
  expect(await made()).toEqual(
    Array.from({ length: count }, (_, index) => ({
      number: `FIX-1-${String(index + 1).padStart(3, '0')}-001`,
      total: '1700',
      customer: index + 1,
    })),
  );

describe('the first period to fire', () => {
  test('bills 50 others who are due, and every act says whose workflow did it', async () => {
    const [first, ...others] = await subscribed(53);
    await due();
    expect(await bill(first!)).toMatchObject({ outcome: 'billed', beside: 50 });
    expect(await made()).toHaveLength(51);
    const by = await doneBy();
    expect(by.get(first!.actId)).toBeNull();
    const found = others.filter(({ actId }) => by.has(actId));
    expect(found).toHaveLength(50);
    expect(new Set(found.map(({ actId }) => by.get(actId)))).toEqual(new Set([first!.actId]));
    expect(await bill(found[0]!)).toMatchObject({
      outcome: 'already_done',
      by: first!.actId,
      invoiceId: expect.any(String),
    });
    const [left] = others.filter(({ actId }) => !by.has(actId));
    expect(await bill(left!)).toMatchObject({ outcome: 'billed', beside: 1 });
    await expectEachOnce(53);
    // Each has its next period.
    expect(await rows(`select 1 from acts where organization_id = $1 and state = 'wanted'`)).toHaveLength(53);
  });

  test('numbers a page per billing entity without a hole', async () => {
    await rows(`update billing_entities set document_numbering = 'per_billing_entity' where organization_id = $1`);
    const [first] = await subscribed(5);
    await due();
    await bill(first!);
    expect((await made()).map(({ number }) => number).toSorted()).toEqual(
      [1, 2, 3, 4, 5].map((sequence) => `FIX-1-202302-00${sequence}`),
    );
  });

  test('takes as many statements for a page of 20 as for one of two', async () => {
    let statements = 0;
    await onStatement(database.orm, () => statements++);
    const counts: number[] = [];
    for (const others of [0, 1, 19]) {
      fixture = await billingFixture(database.orm, '2023-01-15T10:00:00Z');
      const [first] = await subscribed(others + 1);
      await due();
      statements = 0;
      expect(await bill(first!)).toMatchObject({ outcome: 'billed' });
      counts.push(statements);
    }
    const [alone, two, twenty] = counts;
    expect(twenty).toBe(two);
    // With its `begin` and `commit`.
    expect(alone).toBeLessThanOrEqual(15);
    expect(two! - alone!).toBe(1);
  });

  test.each([
    ['whom somebody has locked', () => Promise.resolve()],
    ['with a draft', async (id: string) => set(`customers set invoice_grace_period = 3 where id = '${id}'`)],
    ['with a first invoice to make', async (id: string) => addStart(id)],
    [
      'whose workflow is not started',
      async (id: string) => set(`acts set state = 'wanted' where customer_id = '${id}'`),
    ],
    [
      'who is due later',
      async (id: string) => set(`acts set due_at = '2023-02-01T00:00:01Z' where customer_id = '${id}'`),
    ],
  ])('leaves a customer alone %s', async (name, change) => {
    const [first, other] = await subscribed(2);
    const [customer] = await rows<{ id: string }>(
      `select customer_id as id from acts where organization_id = $1 and id = '${other!.actId}'`,
    );
    await due();
    await change(customer!.id);
    const billed = () => bill(first!);
    const outcome =
      name === 'whom somebody has locked'
        ? await fixture.em.fork().transactional(async (em) => {
            await lockCustomer(em, customer!.id);
            return billed();
          })
        : await billed();
    expect(outcome).toEqual({ outcome: 'billed', invoiceId: expect.any(String) });
    expect(await made()).toHaveLength(1);
  });
});

const set = (change: string) => rows(`update ${change} and organization_id = $1`);

const addStart = (customerId: string) =>
  rows(
    `insert into acts (id, organization_id, kind, queue, rank, argument, due_at, customer_id, summary, state, changed_at,
                       created_at)
     select 'start/' || id, organization_id, 'start', queue, 10, '{}', due_at, customer_id, 'x', 'waiting', changed_at,
            created_at
     from acts where customer_id = '${customerId}' and organization_id = $1`,
  );

describe('a customer who cannot be billed', () => {
  const withABadOne = async (after: number) => {
    const all = await subscribed(20);
    const bad = await fixture.subscribe(await fixture.customer(), await fixture.plan({ pricePerEvent: '1' }));
    all.push(bad, ...(await subscribed(after)));
    await rows(`update charges set properties = '{"amount":"not a price"}' where organization_id = $1`);
    // The first of those who are looked for.
    await rows(
      `update acts set due_at = due_at - interval '1 hour' where organization_id = $1 and id = '${bad.actId}'`,
    );
    await due();
    return { all, first: all[0]!, bad };
  };

  test('keeps none of the 49 others on the page from it, and is recorded on its own act alone', async () => {
    const { first, bad } = await withABadOne(29);
    expect(await bill(first)).toMatchObject({ outcome: 'billed', beside: 48 });
    expect(await made()).toHaveLength(49);
    expect(
      await rows(`select 1 from acts where organization_id = $1 and (state = 'failed' or error is not null)`),
    ).toEqual([]);
    await expect(bill(bad)).rejects.toThrow();
    expect(await recordBillingFailure(fixture.dependencies, bad, 'not a price')).toBe('recorded');
    expect(await rows(`select id from acts where organization_id = $1 and state = 'failed'`)).toEqual([
      { id: bad.actId },
    ]);
  });

  test('is left out of the next pages', async () => {
    const { all, first, bad } = await withABadOne(39);
    await bill(first);
    let begun = 0;
    const fault = (name: string) => void (name === 'period:before-claim' && begun++);
    const billed = await doneBy();
    const left = all.filter(({ actId }) => actId !== bad.actId && !billed.has(actId));
    expect(await billPeriod({ ...fixture.dependencies, fault }, left[0]!)).toMatchObject({ beside: left.length - 1 });
    expect(begun).toBe(1);
  });

  test('fails alone when it is the one that fires', async () => {
    const { bad } = await withABadOne(2);
    await expect(bill(bad)).rejects.toThrow();
    expect(await made()).toEqual([]);
  });
});

test.each(['period:after-claim', 'period:before-commit'])(
  'a page that ends at %s leaves nothing of it',
  async (place) => {
    const [first] = await subscribed(8);
    await due();
    const fault = (name: string) => {
      if (name === place) throw Object.assign(new Error('the server is gone'), { code: '57P01' });
    };
    await expect(billPeriod({ ...fixture.dependencies, fault }, first!)).rejects.toThrow('gone');
    expect(await made()).toEqual([]);
    expect(await rows('select 1 from billing_claims where organization_id = $1')).toEqual([]);
    expect(await bill(first!)).toMatchObject({ outcome: 'billed', beside: 7 });
    await expectEachOnce(8);
  },
);

/** Customers of two workers; `MANY=2000 npm test -- tests/integration/subscriptions/look-ahead` for more. */
const MANY = Number(process.env['MANY'] ?? 200);

test(
  `two workers that look ahead at the same ${MANY} bill everybody once, and neither waits for the other`,
  async () => {
    const all = await subscribed(MANY);
    await due();
    const other = await openOrm(database.databaseUrl);
    try {
      const workers = [fixture.dependencies, { ...fixture.dependencies, orm: other, lookAhead: lookAheadLimits() }];
      const outcomes = await Promise.all(
        workers.map(async (dependencies, worker) => {
          const own = all.filter((_, index) => index % workers.length === worker).values();
          const found: Awaited<ReturnType<typeof billPeriod>>[] = [];
          const lane = async () => {
            for (const argument of own) {
              let outcome = await billPeriod(dependencies, argument);
              while (outcome.outcome === 'busy') outcome = await billPeriod(dependencies, argument);
              found.push(outcome);
            }
          };
          await Promise.all(Array.from({ length: 4 }, lane));
          return found;
        }),
      );
      await expectEachOnce(MANY);
      const billed = outcomes.flat().flatMap((one) => (one.outcome === 'billed' ? [1 + (one.beside ?? 0)] : []));
      expect(billed.reduce((sum, count) => sum + count, 0)).toBe(MANY);
      expect(billed.length).toBeLessThan(MANY / 2);
    } finally {
      await other.close();
    }
  },
  180_000 + MANY * 300,
);
