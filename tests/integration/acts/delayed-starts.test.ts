// Workflows that begin with a wait have no task before it is over (`activities/acts/start-delay.ts`): what the Temporal
// UI shows of them meanwhile, what wakes them, and what becomes of them when their moment or they themselves are
// meddled with.
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { Client, Connection, type WorkflowExecutionDescription } from '@temporalio/client';
import Long from 'long';
import { Client as Database } from 'pg';
import { searchAttributes } from '../../../activities/acts/start-acts.ts';
import { createOrganization, type OrganizationClient } from '../../support/organization-client.ts';
import { runningDurabill, type RunningDurabill } from '../../support/processes/running-durabill.ts';
import { testTemporal } from '../../support/servers/test-temporal.ts';
import { until } from '../../support/until.ts';

let durabill: RunningDurabill;
let connection: Connection;
let client: Client;
let database: Database;
let namespace: string;

beforeAll(async () => {
  durabill = await runningDurabill({ environment: { DURABILL_TAKEOVER_SECONDS: '2' } });
  const temporal = await testTemporal();
  ({ namespace } = temporal);
  connection = await Connection.connect({ address: temporal.address });
  client = new Client({ connection, namespace });
  database = new Database({ connectionString: durabill.databaseUrl });
  await database.connect();
}, 120_000);

afterAll(async () => {
  await database.end();
  await connection.close();
  await durabill.stop();
}, 60_000);

interface OpenAct {
  readonly id: string;
  readonly dueAt: string;
}

/** An organization's act of a kind once it waits, and once it satisfies a condition. */
async function waiting(
  { organizationId }: OrganizationClient,
  kind: string,
  isRight: (act: OpenAct) => boolean = () => true,
): Promise<OpenAct> {
  let act: OpenAct | undefined;
  await until(async () => {
    const { rows } = await database.query<{ id: string; due: Date }>(
      `select id, due_at as due from acts where organization_id = $1 and kind = $2 and state = 'waiting'`,
      [organizationId, kind],
    );
    const [row] = rows;
    act = row && { id: row.id, dueAt: row.due.toISOString() };
    return act !== undefined && isRight(act);
  }, `the ${kind} waits`);
  return act!;
}

const handle = (id: string) => client.workflow.getHandle(id);

/** What the UI shows of a workflow without asking it. */
async function shown(id: string): Promise<{ readonly details: string | undefined; readonly dueAt: Date | undefined }> {
  const description: WorkflowExecutionDescription = await handle(id).describe();
  return {
    details: await description.staticDetails(),
    dueAt: description.typedSearchAttributes.get(searchAttributes.dueAt),
  };
}

const beginsWith = (awaited: string, id: string): string =>
  `Begins with a wait for ${awaited}. A signal does not end this wait: ` +
  `POST /api/v1/workflows/${encodeURIComponent(id)}/wake does.`;

/** The details that the UI asks the workflow for, once it has had a task. */
const detailsOf = async (id: string): Promise<string> =>
  (await handle(id).query<{ currentDetails: string }>('__temporal_workflow_metadata')).currentDetails;

/** What it answers once it has come to wait for that, else when the time is up. */
async function answers(id: string, details: string): Promise<string> {
  await until(async () => (await detailsOf(id).catch(() => '')) === details, `${id} answers: ${details}`).catch(
    () => undefined,
  );
  return detailsOf(id);
}

/** The types of a workflow's events, as the UI names them. */
const eventsOf = async (id: string): Promise<string[]> =>
  ((await handle(id).fetchHistory()).events ?? []).map((event) => {
    const [attributes] = Object.entries(event).flatMap(([name, value]) =>
      name.endsWith('EventAttributes') && value ? [name.replace('EventAttributes', '')] : [],
    );
    return attributes ?? 'unknown';
  });

const ASLEEP = ['workflowExecutionStarted'];

async function subscribe({ ok }: OrganizationClient, plan: object, subscription: object = {}): Promise<void> {
  await ok('POST', '/plans', {
    plan: { name: 'P', code: 'p', interval: 'monthly', amount_cents: 3100, amount_currency: 'EUR', ...plan },
  });
  await ok('POST', '/subscriptions', {
    subscription: { external_customer_id: 'c', external_id: 's', plan_code: 'p', ...subscription },
  });
}

/** A live period that sleeps until the end of the month. */
async function livePeriod(): Promise<{ readonly live: OrganizationClient; readonly act: OpenAct }> {
  const live = await createOrganization(durabill, { test_mode: false });
  await subscribe(live, { pay_in_advance: false });
  return { live, act: await waiting(live, 'period') };
}

const pathOf = (id: string): string => `/workflows/${encodeURIComponent(id)}`;
const clock = ({ ok }: OrganizationClient, frozen_time: string, mode: 'jump' | 'advance') =>
  ok('PUT', '/test_clock', { test_clock: { frozen_time, mode } });
const waitsForDay = ({ dueAt }: OpenAct): string => `Waits for the day that bills the period, until ${dueAt}`;

/** A period under a test clock that stands at the beginning of January 2023, and sleeps until February. */
async function testedPeriod(): Promise<{ readonly tested: OrganizationClient; readonly act: OpenAct }> {
  const tested = await createOrganization(durabill);
  await clock(tested, '2023-01-01T00:00:00Z', 'jump');
  await subscribe(tested, { pay_in_advance: false });
  return { tested, act: await waiting(tested, 'period') };
}

/** Moves a clock over the end of the period. @returns the totals of the invoices that there are then. */
async function billedInFebruary(tested: OrganizationClient): Promise<number[]> {
  await clock(tested, '2023-02-02T00:00:00Z', 'advance');
  await tested.settled();
  const { invoices } = await tested.ok('GET', '/invoices');
  return invoices.map(({ total_amount_cents: total }: { total_amount_cents: number }) => total);
}

describe('what the Temporal UI shows', () => {
  test('of a live period: its duty and its moment, without a task', async () => {
    const { act } = await livePeriod();
    expect(await shown(act.id)).toEqual({
      details: beginsWith(`the day that bills the period, until ${act.dueAt}`, act.id),
      dueAt: new Date(act.dueAt),
    });
    expect(await eventsOf(act.id)).toEqual(ASLEEP);
  });

  test('of a period under a test clock: the end of a trial, and the billing day once the trial has ended', async () => {
    const tested = await createOrganization(durabill);
    await clock(tested, '2023-01-01T00:00:00Z', 'jump');
    await subscribe(tested, { pay_in_advance: true, trial_period: 10 });
    const { id } = await waiting(tested, 'period');
    expect(await shown(id)).toEqual({
      details: beginsWith('the end of the trial, until 2023-01-11T00:00:00.000Z of the test clock', id),
      dueAt: new Date('2023-01-11T00:00:00Z'),
    });
    expect(await eventsOf(id)).toEqual(ASLEEP);
    await clock(tested, '2023-01-15T00:00:00Z', 'advance');
    await tested.settled();
    const next = 'Waits for the day that bills the period, until 2023-02-01T00:00:00.000Z of the test clock';
    expect(await answers(id, next)).toBe(next);
  });

  test('of a coming start and of a draft', async () => {
    const tested = await createOrganization(durabill);
    await clock(tested, '2023-01-01T00:00:00Z', 'jump');
    await tested.ok('POST', '/customers', {
      customer: { external_id: 'c', billing_configuration: { invoice_grace_period: 3 } },
    });
    await subscribe(tested, { pay_in_advance: true }, { subscription_at: '2023-01-10T00:00:00Z' });
    const start = await waiting(tested, 'activate');
    expect((await shown(start.id)).details).toBe(
      beginsWith('the first day of the subscription, until 2023-01-10T00:00:00.000Z of the test clock', start.id),
    );
    await clock(tested, '2023-01-11T00:00:00Z', 'advance');
    await tested.settled();
    const draft = await waiting(tested, 'finalize');
    expect((await shown(draft.id)).details).toBe(
      beginsWith('the end of the grace period, until 2023-01-13T00:00:00.000Z of the test clock', draft.id),
    );
    expect(await eventsOf(draft.id)).toEqual(ASLEEP);
  });
});

describe('a moment that moves', () => {
  test('earlier ends the delay: the workflow waits for the new one', async () => {
    const { live, act } = await livePeriod();
    await live.ok('PUT', '/organizations', { organization: { timezone: 'Asia/Tokyo' } });
    const moved = await waiting(live, 'period', ({ dueAt }) => dueAt < act.dueAt);
    expect(moved.id).toBe(act.id);
    expect(await answers(moved.id, waitsForDay(moved))).toBe(waitsForDay(moved));
  });

  test('later leaves it asleep until the old one, whoever dies meanwhile; then it waits for the new one', async () => {
    const { live, act } = await livePeriod();
    // As if the end of its period were some seconds away.
    await handle(act.id).terminate('to be started anew');
    await database.query(
      `update acts set state = 'wanted', verb = 'start', due_at = clock_timestamp() + interval '8 seconds' where id = $1`,
      [act.id],
    );
    const sleeping = await waiting(live, 'period');
    expect(await eventsOf(act.id)).toEqual(ASLEEP);
    await live.ok('PUT', '/organizations', { organization: { timezone: 'Pacific/Honolulu' } });
    const moved = await waiting(live, 'period', ({ dueAt }) => dueAt > act.dueAt);
    expect([moved.id, await eventsOf(act.id)]).toEqual([act.id, ASLEEP]);
    for (const role of ['worker', 'api'] as const) await durabill.kill(role);
    for (const role of ['worker', 'api'] as const) await durabill.restart(role);
    expect(await answers(moved.id, waitsForDay(moved))).toBe(waitsForDay(moved));
    const { events } = await handle(act.id).fetchHistory();
    const firstTask = events?.find((event) => event.workflowTaskScheduledEventAttributes)?.eventTime?.seconds;
    expect(Number(firstTask)).toBeGreaterThanOrEqual(Math.floor(Date.parse(sleeping.dueAt) / 1000));
    expect((await live.ok('GET', '/invoices')).invoices).toEqual([]);
  }, 90_000);
});

describe('POST /workflows/{id}/wake', () => {
  test('has a live workflow look, whether or not it has had a task; a signal alone does not', async () => {
    const { live, act } = await livePeriod();
    await handle(act.id).signal('wake');
    expect(await eventsOf(act.id)).toEqual([...ASLEEP, 'workflowExecutionSignaled']);
    const { workflow } = await live.ok('POST', `${pathOf(act.id)}/wake`);
    expect(workflow).toMatchObject({ id: act.id, state: 'wanted' });
    await waiting(live, 'period');
    expect(await answers(act.id, waitsForDay(act))).toBe(waitsForDay(act));
    const tasks = async () => (await eventsOf(act.id)).filter((event) => event === 'workflowTaskCompleted').length;
    const before = await tasks();
    await live.ok('POST', `${pathOf(act.id)}/wake`);
    await until(async () => (await tasks()) > before, 'it has looked again');
    await waiting(live, 'period');
    expect((await live.ok('GET', pathOf(act.id))).workflow).toMatchObject({ state: 'waiting' });
    expect((await live.ok('GET', '/invoices')).invoices).toEqual([]);
  });

  test('has one under a test clock look, and the clock still finds it', async () => {
    const { tested, act } = await testedPeriod();
    await tested.ok('POST', `${pathOf(act.id)}/wake`);
    const awake = `${waitsForDay(act)} of the test clock`;
    expect(await answers(act.id, awake)).toBe(awake);
    await waiting(tested, 'period');
    expect(await billedInFebruary(tested)).toEqual([3100]);
  });

  test('has one run again that was ended by hand', async () => {
    const { live, act } = await livePeriod();
    await handle(act.id).terminate('by hand');
    await live.ok('POST', `${pathOf(act.id)}/wake`);
    expect(await answers(act.id, waitsForDay(act))).toBe(waitsForDay(act));
  });
});

describe('a sleeping workflow', () => {
  test.each([
    ['is terminated', (id: string) => handle(id).terminate('by hand'), 'TERMINATED'],
    ['is cancelled', (id: string) => handle(id).cancel(), 'CANCELLED'],
  ] as const)('that %s is run again by its clock', async (_, end, status) => {
    const { tested, act } = await testedPeriod();
    await end(act.id);
    await until(async () => (await handle(act.id).describe()).status.name === status, `it is ${status}`);
    expect(await billedInFebruary(tested)).toEqual([3100]);
  });

  test('cannot be reset before its first task; afterwards it can, and goes on', async () => {
    const { tested, act } = await testedPeriod();
    const reset = async () => {
      const events = (await handle(act.id).fetchHistory()).events ?? [];
      const done = events.find((event) => event.workflowTaskCompletedEventAttributes);
      await connection.workflowService.resetWorkflowExecution({
        namespace,
        workflowExecution: { workflowId: act.id },
        ...(done && { workflowTaskFinishEventId: Long.fromValue(done.eventId!) }),
        reason: 'by hand',
        requestId: `reset of ${act.id}`,
      });
    };
    await expect(reset()).rejects.toThrow();
    expect(await eventsOf(act.id)).toEqual(ASLEEP);
    await tested.ok('POST', `${pathOf(act.id)}/wake`);
    const awake = `${waitsForDay(act)} of the test clock`;
    expect(await answers(act.id, awake)).toBe(awake);
    await waiting(tested, 'period');
    await reset();
    expect(await answers(act.id, awake)).toBe(awake);
    expect(await billedInFebruary(tested)).toEqual([3100]);
  });
});
