import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import type { MikroORM } from '@mikro-orm/postgresql';
import { rebuildRollups } from '../../../activities/usage/rebuild-rollups.ts';
import { ingestEvents } from '../../../activities/usage/ingest-events.ts';
import { openOrm } from '../../../db/orm.ts';
import { lockMetricCodes } from '../../../db/queries/usage/metric-code-lock.ts';
import { sql } from '../../../db/sql.ts';
import { whileHeld } from '../../support/while-held.ts';
import { testDatabase, type TestDatabase } from '../../support/test-database.ts';
import { anEvent, meteredOrganization, NOW, rollupsOf, type MeteredOrganization } from './metered-organization.ts';

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
      (em) => ingestEvents(em, organization.id, [event], receipt),
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
