// One declaration of a list gives its pages, its stream and its copy: the same rows in the same order, of one
// organization alone.
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { EntityManager, MikroORM } from '@mikro-orm/postgresql';
import { Client } from 'pg';
import { v7 } from 'uuid';
import { Customer } from '../../../db/entities/customers/customer.ts';
import { Event } from '../../../db/entities/usage/event.ts';
import { copyStatement } from '../../../db/lists/copy-statement.ts';
import { customerList, type CustomerFilter } from '../../../db/lists/customers.ts';
import { eventList } from '../../../db/lists/events.ts';
import { openOrm } from '../../../db/orm.ts';
import { sql } from '../../../db/sql.ts';
import { billingFixture } from '../../support/billing-fixture.ts';
import { testDatabase, type TestDatabase } from '../../support/servers/test-database.ts';

const CUSTOMERS = 2300;
const WHOLE = { limit: CUSTOMERS, offset: 0 };

let database: TestDatabase;
let orm: MikroORM;
let em: EntityManager;
let others: EntityManager;

beforeAll(async () => {
  database = await testDatabase();
  // One connection: whatever a session remembers is seen by the next statement.
  orm = await openOrm(database.databaseUrl, { poolSize: 1 });
  ({ em } = await billingFixture(orm, '2026-01-01T00:00:00Z'));
  const other = await billingFixture(orm, '2026-01-01T00:00:00Z');
  await other.customer();
  others = other.em;
  await fill(em);
});
afterAll(async () => {
  await orm.close();
  await database.drop();
});

/** Customers of which many were made in the same moment, with names that a literal has to escape; and two events. */
async function fill(owner: EntityManager): Promise<void> {
  const [entity] = await sql<{ id: string; organization_id: string }>(
    owner,
    'select id, organization_id from billing_entities where id in (select min(id::text)::uuid from billing_entities group by organization_id) order by created_at, id limit 1',
  );
  const organizationId = entity!.organization_id;
  await sql(
    owner,
    `insert into customers (id, organization_id, billing_entity_id, external_id, sequential_id, slug, name, country, metadata, created_at, updated_at)
     select gen_random_uuid(), $1, $2, 'customer_' || i, i, 'S-' || i, $3 || i, case when i % 2 = 0 then 'DE' end,
            case when i % 3 = 0 then '[{"key": "tier", "value": "gold"}]'::jsonb else '[]' end,
            timestamptz '2026-01-01' + make_interval(mins => i % 7), now()
     from generate_series(1, $4::int) i`,
    [organizationId, entity!.id, `"O'Neill\\" {1,2} $1 `, CUSTOMERS],
  );
  for (const transactionId of ['a', 'b']) {
    owner.create(Event, {
      id: v7(),
      organizationId,
      transactionId,
      externalSubscriptionId: 'calls',
      code: 'calls',
      timestamp: 1_767_225_600_123_456n,
      properties: { seconds: 1 },
      createdAt: new Date('2026-01-01T00:00:00Z'),
    });
  }
  await owner.flush();
}

/** The lines that PostgreSQL sends for a COPY. */
async function copied(text: string): Promise<string[]> {
  const client = new Client({ connectionString: database.databaseUrl });
  await client.connect();
  const received: Buffer[] = [];
  const reading = Promise.withResolvers<void>();
  client.query({
    submit: (connection: { query: (text: string) => void }) => connection.query(text),
    // The client reads the next message into the same memory.
    handleCopyData: ({ chunk }: { chunk: Buffer }) => received.push(Buffer.from(chunk)),
    handleError: (error: Error) => reading.reject(error),
    handleReadyForQuery: () => reading.resolve(),
    handleCommandComplete: () => undefined,
  } as never);
  await reading.promise;
  await client.end();
  return Buffer.concat(received).toString('utf8').trimEnd().split('\n');
}

const FILTERS: readonly [string, CustomerFilter][] = [
  ['without a filter', {}],
  ['with texts that have to be escaped', { searchTerm: `"o'neill\\" {1,2} $1 1`, countries: ['DE', `D"\\'E`] }],
  ['by metadata', { metadata: { tier: 'gold', none: '' } }],
];

describe.each(FILTERS)('a list %s', (_, filter) => {
  test('has the same rows on its pages, in its stream and in its copy, in one order', async () => {
    const { rows, total } = await customerList.page(em, filter, WHOLE);
    const ids = rows.map(({ id }) => id);
    expect(total).toBe(ids.length);
    expect(ids.length).toBeGreaterThan(100);

    const paged: string[] = [];
    for (let offset = 0; offset < total; offset += 700) {
      const page = await customerList.page(em, filter, { limit: 700, offset });
      paged.push(...page.rows.map(({ id }) => id));
    }
    expect(paged).toEqual(ids);

    const streamed: string[] = [];
    for await (const { id } of customerList.stream(em, filter)) streamed.push(id);
    expect(streamed).toEqual(ids);

    const [head, ...lines] = await copied(copyStatement(customerList.statement(em, filter).select('customers.id')));
    expect(head).toBe('id');
    expect(lines).toEqual(ids);
  });
});

test('a list has the rows as the ORM reads them, newest first', async () => {
  const { rows } = await customerList.page(em, {}, WHOLE);
  const found = await em.fork().find(Customer, { deletedAt: null }, { orderBy: { createdAt: 'desc', id: 'asc' } });
  expect(rows.map((row) => ({ ...row }))).toEqual(found.map((row) => ({ ...row })));
});

test('a row of a list keeps what JavaScript would round: microseconds, and numbers in JSON', async () => {
  const { rows } = await eventList.page(em, { from: 1_767_225_600_123_456n, before: 1_767_225_600_123_457n }, WHOLE);
  expect(rows.map(({ transactionId, timestamp }) => [transactionId, timestamp])).toEqual([
    ['a', 1_767_225_600_123_456n],
    ['b', 1_767_225_600_123_456n],
  ]);
  expect((await eventList.page(em, { before: 1_767_225_600_123_456n }, WHOLE)).total).toBe(0);
});

test('an empty list of values matches nothing', async () => {
  expect(await customerList.page(em, { countries: [] }, WHOLE)).toEqual({ rows: [], total: 0 });
});

test('a list has the rows of one organization, and is an error for none', async () => {
  expect((await customerList.page(others, {}, WHOLE)).total).toBe(1);
  await expect(customerList.page(orm.em.fork(), {}, WHOLE)).rejects.toThrow('not scoped to an organization');
});

test('a stream that is left early gives its connection back', async () => {
  for await (const { id } of customerList.stream(em, {})) {
    expect(id).toBeTruthy();
    break;
  }
  expect((await customerList.page(em, {}, { limit: 1, offset: 0 })).total).toBe(CUSTOMERS);
});

test('a stream reads inside of the transaction that it is asked in', async () => {
  await em.transactional(async (inner) => {
    await sql(inner, `update customers set country = 'FR' where external_id = 'customer_1'`);
    const countries: (string | null)[] = [];
    for await (const { country } of customerList.stream(inner, { countries: ['FR'] })) countries.push(country);
    expect(countries).toEqual(['FR']);
  });
});

test('statements of lists are not prepared: their forms would take the places of those that come back', async () => {
  await customerList.page(em, { countries: ['DE'] }, WHOLE);
  await sql(em, 'select id from customers where external_id = $1', ['customer_1']);
  const prepared = await sql<{ statement: string }>(em, 'select statement from pg_prepared_statements');
  const texts = prepared.map(({ statement }) => statement);
  expect(texts).toContain('select id from customers where external_id = $1');
  expect(texts.filter((text) => text.includes('"country"'))).toEqual([]);
});
