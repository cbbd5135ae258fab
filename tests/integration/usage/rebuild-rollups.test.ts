import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import type { MikroORM } from '@mikro-orm/postgresql';
import { keepRollupsBy } from '../../../activities/billable-metrics/redefine-metric.ts';
import { rebuildRollups } from '../../../activities/usage/rebuild-rollups.ts';
import { ingestEvents } from '../../../activities/usage/ingest-events.ts';
import { BillableMetric } from '../../../db/entities/usage/billable-metric.ts';
import { openOrm } from '../../../db/orm.ts';
import { lockMetricCodes } from '../../../db/queries/usage/metric-code-lock.ts';
import { readUsage } from '../../../db/queries/usage/usage.ts';
import { sql } from '../../../db/sql.ts';
import { whileHeld } from '../../support/while-held.ts';
import { testDatabase, type TestDatabase } from '../../support/servers/test-database.ts';
import {
  anEvent,
  meteredOrganization,
  NOW,
  rollupsOf,
  sumOf,
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
});

afterAll(async () => {
  await orm.close();
  await database.drop();
});

const rebuild = (metricId: string) => rebuildRollups(organization.em, organization.id, metricId);

const change = (metricId: string, assignment: string, value: unknown) =>
  sql(organization.em, `update billable_metrics set ${assignment} where id = $1 and organization_id = $3`, [
    metricId,
    value,
    organization.id,
  ]);

const isRolledUp = async (metricId: string): Promise<boolean | undefined> => {
  const rows = await sql<{ rolledUp: boolean }>(
    organization.em,
    'select rolled_up as "rolledUp" from billable_metrics where id = $1',
    [metricId],
  );
  return rows[0]?.rolledUp;
};

const sums = async () => (await rollupsOf(organization)).map((row) => [row['code'], row['events_count'], row['sum']]);

const sum = { code: 'bytes', aggregationType: 'sum_agg', fieldName: 'value', rolledUp: false } as const;

describe('rollups that charges split by new keys', () => {
  let moment = NOW.getTime();
  const scope = () => ({ organizationId: organization.id, now: NOW, realTime: new Date(moment++) });
  const keep = (metricId: string, keys: readonly string[]) =>
    organization.em.fork().transactional(async (em) => {
      const metric = await em.findOneOrFail(BillableMetric, { id: metricId });
      return keepRollupsBy(em, scope(), metric, keys);
    });
  const versionOf = async (metricId: string) => {
    const { definitionVersion, rollupKeys, rolledUp } = await organization.em
      .fork()
      .findOneOrFail(BillableMetric, { id: metricId });
    return [definitionVersion, rollupKeys, rolledUp];
  };
  const keyed = async () => (await rollupsOf(organization)).map((row) => [row['keys'], row['sum']]);
  const eu = (value: number) => anEvent({ properties: { value, region: 'eu' } });

  test('are kept by all of them, another version each time that one is new', async () => {
    const metric = await organization.addMetric({ ...sum, rolledUp: true });
    expect(await keep(metric, ['region'])).toMatchObject([{ kind: 'rollups' }]);
    expect(await versionOf(metric)).toEqual([2, ['region'], false]);
    await keep(metric, ['class', 'region', 'class']);
    expect(await versionOf(metric)).toEqual([3, ['class', 'region'], false]);
    expect(await keep(metric, ['region'])).toEqual([]);
    expect(await versionOf(metric)).toEqual([3, ['class', 'region'], false]);
  });

  test('are read raw until they are rebuilt, by the old keys and the new ones, while events arrive', async () => {
    const metric = await organization.addMetric({ ...sum, rolledUp: true });
    await organization.ingest([eu(1)]);
    await keep(metric, ['region']);
    await organization.ingest([eu(10), anEvent({ properties: { value: 100 } })]);
    // Of both versions, side by side.
    expect(await keyed()).toEqual(
      expect.arrayContaining([
        [{}, '1'],
        [{ region: 'eu' }, '10'],
      ]),
    );

    const month = { from: '2026-03-01T00:00:00Z', to: '2026-03-31T23:59:59.999Z', keys: ['region'] };
    const old = organization.slot('bytes', month);
    const present = { ...old, id: 'present', metric: { ...old.metric, definitionVersion: 2 } };
    const read = async () => {
      const usage = await readUsage(organization.em, organization.id, [old, present]);
      return [old, present].map(({ id }) =>
        Object.fromEntries(usage.get(id)!.map(({ keys, totals }) => [keys['region'] ?? 'none', sumOf(totals)])),
      );
    };
    const truth = [
      { eu: '11', none: '100' },
      { eu: '11', none: '100' },
    ];
    expect(await read()).toEqual(truth);
    await rebuild(metric);
    expect(await versionOf(metric)).toEqual([2, ['region'], true]);
    expect(await keyed()).toEqual(
      expect.arrayContaining([
        [{ region: 'eu' }, '11'],
        [{ region: null }, '100'],
      ]),
    );
    expect(await keyed()).toHaveLength(2);
    expect(await read()).toEqual(truth);
  });

  test('are not read from a rebuild by the old keys that the new ones overtook', async () => {
    const metric = await organization.addMetric(sum);
    await organization.ingest([eu(1)]);
    await whileHeld(
      orm,
      async (em) => {
        const held = await em.findOneOrFail(BillableMetric, { id: metric }, { filters: false });
        await keepRollupsBy(em, scope(), held, ['region']);
      },
      () => rebuild(metric),
    );
    expect(await versionOf(metric)).toEqual([2, ['region'], false]);
    await rebuild(metric);
    expect(await versionOf(metric)).toEqual([2, ['region'], true]);
    expect(await keyed()).toEqual([[{ region: 'eu' }, '1']]);
  });
});

describe('a rebuild of rollups', () => {
  test('counts what arrived before the metric was there, once, however often it runs', async () => {
    await organization.ingest([anEvent({ properties: { value: 1 } }), anEvent({ externalSubscriptionId: null })]);
    const metric = await organization.addMetric(sum);
    await organization.ingest([anEvent({ properties: { value: 10 } })]);

    await rebuild(metric);
    expect(await sums()).toEqual([['bytes', '2', '11']]);
    expect(await isRolledUp(metric)).toBe(true);
    await rebuild(metric);
    expect(await sums()).toEqual([['bytes', '2', '11']]);
    await organization.ingest([anEvent({ properties: { value: 100 } })]);
    expect(await sums()).toEqual([['bytes', '3', '111']]);
  });

  test('goes by the present definition', async () => {
    const metric = await organization.addMetric(sum);
    await organization.ingest([anEvent({ properties: { value: 1, size: 5 } })]);
    await change(metric, 'field_name = $2', 'size');
    await rebuild(metric);
    expect(await sums()).toEqual([['bytes', '1', '5']]);
  });

  test('waits for the events of a code that the metric takes while it waits for the old one', async () => {
    const metric = await organization.addMetric(sum);
    const event = anEvent({ code: 'traffic', properties: { value: 9 } });
    const receipt = { receivedAt: NOW, userAgent: null, ipAddress: null };
    await whileHeld(
      orm,
      (em) => ingestEvents(em, organization.id, [{ events: [event], receipt }]),
      () =>
        whileHeld(
          orm,
          async (em) => {
            await lockMetricCodes(em, organization.id, ['bytes']);
            await sql(em, `update billable_metrics set code = 'traffic' where id = $1`, [metric]);
          },
          () => rebuild(metric),
        ),
    );
    expect(await sums()).toEqual([['traffic', '1', '9']]);
  });

  test('follows the metric to its new code and leaves other codes alone', async () => {
    const metric = await organization.addMetric(sum);
    await organization.addMetric({ ...sum, code: 'calls' });
    await organization.ingest([
      anEvent({ code: 'calls', properties: { value: 7 } }),
      anEvent({ code: 'traffic', properties: { value: 9 } }),
    ]);
    await change(metric, 'code = $2', 'traffic');
    await rebuild(metric);
    expect(await sums()).toEqual([
      ['calls', '1', '7'],
      ['traffic', '1', '9'],
    ]);
  });

  test('of a deleted metric removes its rollups, but not those of the metric that has its code now', async () => {
    const metric = await organization.addMetric(sum);
    await organization.ingest([anEvent({ properties: { value: 1 } })]);
    await change(metric, 'deleted_at = $2', NOW.toISOString());
    await rebuild(metric);
    expect(await sums()).toEqual([]);

    const successor = await organization.addMetric(sum);
    await rebuild(successor);
    expect(await sums()).toEqual([['bytes', '1', '1']]);
    await rebuild(metric);
    expect(await sums()).toEqual([['bytes', '1', '1']]);
  });

  test('of a metric of nobody, or of another organization, does nothing', async () => {
    const metric = await organization.addMetric(sum);
    await organization.ingest([anEvent()]);
    const before = await rollupsOf(organization);
    const stranger = await meteredOrganization(orm);
    await rebuildRollups(stranger.em, stranger.id, metric);
    await rebuild('00000000-0000-4000-8000-000000000000');
    expect(await rollupsOf(organization)).toEqual(before);
    expect(await isRolledUp(metric)).toBe(false);
  });

  test('is undone with the transaction of its caller', async () => {
    await organization.ingest([anEvent()]);
    const metric = await organization.addMetric(sum);
    const act = organization.em.fork().transactional(async (em) => {
      await rebuildRollups(em, organization.id, metric);
      throw new Error('the act could not be finished');
    });
    await expect(act).rejects.toThrow('could not be finished');
    expect(await rollupsOf(organization)).toEqual([]);
    expect(await isRolledUp(metric)).toBe(false);
  });

  test('counts every event once while events arrive', async () => {
    const metric = await organization.addMetric(sum);
    const arrivals = Array.from({ length: 30 }, () =>
      organization.ingest([anEvent({ properties: { value: 1 } }), anEvent({ properties: { value: 1 } })]),
    );
    await Promise.all([...arrivals, rebuild(metric), rebuild(metric)]);
    expect(await sums()).toEqual([['bytes', '60', '60']]);
  });
});
