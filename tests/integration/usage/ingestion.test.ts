import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import type { MikroORM } from '@mikro-orm/postgresql';
import { openOrm } from '../../../db/orm.ts';
import { lockMetricCodes } from '../../../db/queries/usage/metric-code-lock.ts';
import { sql } from '../../../db/sql.ts';
import { testDatabase, type TestDatabase } from '../../support/servers/test-database.ts';
import {
  anEvent,
  meteredOrganization,
  rollupsOf,
  sumOf as writtenSum,
  type MeteredOrganization,
} from './metered-organization.ts';

let database: TestDatabase;
let orm: MikroORM;
let organization: MeteredOrganization;

beforeAll(async () => {
  database = await testDatabase();
  orm = await openOrm(database.databaseUrl);
});

beforeEach(async () => {
  organization = await meteredOrganization(orm);
  await organization.addMetric({ code: 'bytes', aggregationType: 'sum_agg', fieldName: 'value' });
});

afterAll(async () => {
  await orm.close();
  await database.drop();
});

const worth = (value: unknown) => ({ properties: { value } });

async function storedIds(): Promise<string[]> {
  const rows = await sql<{ id: string }>(
    organization.em,
    'select transaction_id as id from events where organization_id = $1 order by 1',
    [organization.id],
  );
  return rows.map(({ id }) => id);
}

async function sumOf(externalSubscriptionId: string, fieldName = 'value'): Promise<number> {
  const year = { from: '2026-01-01T00:00:00Z', to: '2026-12-31T23:59:59.999Z' };
  const [totals] = await organization.totals([
    organization.slot('bytes', { externalSubscriptionId, fieldName, ...year }),
  ]);
  return Number(writtenSum(totals));
}

describe('a transaction id', () => {
  test('of two hundred equal events at once lets one in', async () => {
    const answers = await Promise.all(
      Array.from({ length: 200 }, () => organization.ingest([anEvent({ transactionId: 'tx', ...worth(5) })])),
    );
    expect(answers.filter((taken) => taken.length === 0)).toHaveLength(1);
    expect(answers.filter((taken) => taken.length === 1)).toHaveLength(199);
    expect(await storedIds()).toEqual(['tx']);
    expect(await sumOf('sub')).toBe(5);
  });

  test('is free for each subscription, and always for events of none', async () => {
    expect(await organization.ingest([anEvent({ transactionId: 'tx', externalSubscriptionId: 'one' })])).toEqual([]);
    expect(await organization.ingest([anEvent({ transactionId: 'tx', externalSubscriptionId: 'two' })])).toEqual([]);
    expect(await organization.ingest([anEvent({ transactionId: 'tx', externalSubscriptionId: null })])).toEqual([]);
    expect(await organization.ingest([anEvent({ transactionId: 'tx', externalSubscriptionId: null })])).toEqual([]);
    expect(await storedIds()).toHaveLength(4);
    expect((await rollupsOf(organization)).map((row) => row['external_subscription_id'])).toEqual(['one', 'two']);
  });

  test('that is taken keeps the whole batch out', async () => {
    await organization.ingest([anEvent({ transactionId: 'taken', ...worth(4) })]);
    const batch = ['a', 'taken', 'b'].map((transactionId) => anEvent({ transactionId, ...worth(1) }));
    expect(await organization.ingest(batch)).toEqual([1]);
    expect(await storedIds()).toEqual(['taken']);
    expect(await sumOf('sub')).toBe(4);
  });

  test('that comes twice in a batch is taken the second time, whatever the subscription', async () => {
    const batch = [
      anEvent({ transactionId: 'x', externalSubscriptionId: 'one' }),
      anEvent({ transactionId: 'y' }),
      anEvent({ transactionId: 'x', externalSubscriptionId: 'two' }),
      anEvent({ transactionId: 'y' }),
      anEvent({ transactionId: 'x', externalSubscriptionId: null }),
    ];
    expect(await organization.ingest(batch)).toEqual([2, 3, 4]);
    expect(await storedIds()).toEqual([]);
    expect(await rollupsOf(organization)).toEqual([]);
  });

  test('shared by many batches in any order never locks them up', async () => {
    const ids = Array.from({ length: 40 }, (_, index) => `tx ${index}`);
    const batches = Array.from({ length: 24 }, (_, index) => {
      const rotated = [...ids.slice(index), ...ids.slice(0, index)];
      return (index % 2 === 0 ? rotated : rotated.toReversed()).map((transactionId, place) =>
        anEvent({
          transactionId,
          externalSubscriptionId: `sub ${place % 3}`,
          timestamp: BigInt(Date.parse('2026-03-01T00:00:00Z') + ((place + index) % 5) * 3_600_000) * 1000n,
        }),
      );
    });
    const answers = await Promise.all(batches.map((batch) => organization.ingest(batch)));
    const accepted = answers.filter((taken) => taken.length === 0).length;
    expect(accepted).toBeGreaterThan(0);
    expect(await storedIds()).toHaveLength(accepted * ids.length);
  });
});

describe('the definition of a metric', () => {
  const waitingForAdvisoryLocks = async () => {
    const [row] = await sql<{ waiting: number }>(
      orm.em.fork(),
      `select count(*)::int as waiting from pg_locks
       where locktype = 'advisory' and not granted and database = (select oid from pg_database where datname = current_database())`,
    );
    return row?.waiting ?? 0;
  };

  test('that changes while an event waits is the one that counts', async () => {
    let arrival: Promise<readonly number[]> | undefined;
    await organization.em.fork().transactional(async (em) => {
      await lockMetricCodes(em, organization.id, ['bytes']);
      arrival = organization.ingest([anEvent({ properties: { value: 1, size: 10 } })]);
      while ((await waitingForAdvisoryLocks()) === 0) await new Promise(setImmediate);
      await sql(em, "update billable_metrics set field_name = 'size' where organization_id = $1", [organization.id]);
    });
    expect(await arrival).toEqual([]);
    expect(await sumOf('sub', 'size')).toBe(10);
  });

  test('of one code does not hold up events of another', async () => {
    await organization.em.fork().transactional(async (em) => {
      await lockMetricCodes(em, organization.id, ['calls']);
      expect(await organization.ingest([anEvent(worth(3))])).toEqual([]);
    });
    expect(await sumOf('sub')).toBe(3);
  });
});

test('values that are no plain numbers are stored and add nothing', async () => {
  const values = ['12.50', 7, -2, '1e3', '+5', '.5', ' 5', '', null, true, '٣'];
  await organization.ingest(values.map((value) => anEvent(worth(value))));
  const [rollup] = await rollupsOf(organization);
  expect(rollup).toMatchObject({ events_count: '11', numeric_events_count: '3', sum: '17.50' });
});

test('events in the far past and the far future are kept to the microsecond', async () => {
  const timestamps = [-62135596800000000n, -1n, 1780586634123456n, 8640000000000000000n];
  await organization.ingest(timestamps.map((timestamp) => anEvent({ timestamp, ...worth(1) })));
  const rows = await sql<{ microseconds: string }>(
    organization.em,
    `select (extract(epoch from "timestamp") * 1000000)::bigint::text as microseconds from events
     where organization_id = $1 order by "timestamp"`,
    [organization.id],
  );
  expect(rows.map(({ microseconds }) => BigInt(microseconds))).toEqual(timestamps);
  expect(await rollupsOf(organization)).toHaveLength(4);
});
