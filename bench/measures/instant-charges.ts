import { randomUUID } from 'node:crypto';
import { setTimeout as wait } from 'node:timers/promises';
import { cpuSince, type Cpu } from '../installation/cpu.ts';
import { startInstallation, type WorkerOptions } from '../installation/installation.ts';
import type { Switches } from '../installation/switches.ts';
import { sql } from '../../db/sql.ts';
import { until } from '../until.ts';
import { apiClient, load, type ApiClient } from './clients.ts';
import { percentile } from './percentile.ts';

export interface InstantCharges {
  /** From the request of an event to its finalized invoice, at 25 a second over 500 subscriptions. */
  readonly p50Ms: number;
  readonly p99Ms: number;
  /** Until all events of a burst on one subscription have their invoices. */
  readonly burstSeconds: number;
  /** Invoices a second of a burst over all subscriptions. */
  readonly rate: number;
  readonly cpu: Cpu;
}

const SUBSCRIPTIONS = 500;
const A_SECOND = 25;
const BATCH = 100;
const CLIENTS = 4;

/** Events of a charge in advance with an invoice each: at a pace, all of one subscription, and of many at once. */
export async function measureInstantCharges(
  events: number,
  switches: Switches,
  progress: (text: string) => void,
): Promise<InstantCharges> {
  const installation = await startInstallation(switches);
  try {
    const { orm } = installation;
    const read = <Row extends object>(text: string, parameters: unknown[]) => sql<Row>(orm.em.fork(), text, parameters);
    const worker = await installation.startWorker();
    const api = await installation.startApi();
    const client = await apiClient(api.url, installation);
    await subscribe(client, read, progress);
    const invoiced = async (): Promise<number> => {
      const [row] = await read<{ count: string }>(
        `select count(*) as count from invoices where organization_id = $1 and status = 'finalized'`,
        [client.organizationId],
      );
      return Number(row?.count);
    };
    const untilInvoiced = (count: number) =>
      until(`${count} invoices are final`, async () => (await invoiced()) === count, {
        everyMs: 50,
        limitMs: 900_000,
      });
    const paced = Math.max(A_SECOND, Math.round(events / 2));
    progress(`${paced} events at ${A_SECOND} a second`);
    const delays = await atPace(client, read, paced);
    progress(`a burst of ${events} events on one subscription`);
    const burst = await sendBatches(
      client,
      events,
      () => 's0',
      () => untilInvoiced(paced + events),
    );
    progress(`a burst of ${events} events over ${SUBSCRIPTIONS} subscriptions`);
    const before = installation.cpu();
    const spread = await sendBatches(
      client,
      events,
      (index) => `s${index % SUBSCRIPTIONS}`,
      () => untilInvoiced(paced + 2 * events),
    );
    const cpu = cpuSince(before, installation.cpu());
    await api.stop();
    await worker.stop();
    return {
      p50Ms: percentile(delays, 0.5),
      p99Ms: percentile(delays, 0.99),
      burstSeconds: burst,
      rate: events / spread,
      cpu,
    };
  } finally {
    await installation.stop();
  }
}

/** The limit: the same workflows of as many events over all subscriptions, which finish their acts and no more. */
export async function measureBareCharges(
  events: number,
  switches: Switches,
  progress: (text: string) => void,
): Promise<{ readonly rate: number }> {
  const installation = await startInstallation(switches);
  try {
    const read = <Row extends object>(text: string, parameters: unknown[]) =>
      sql<Row>(installation.orm.em.fork(), text, parameters);
    const bare: WorkerOptions = { billing: 'nothing' };
    const worker = await installation.startWorker(bare);
    const api = await installation.startApi();
    const client = await apiClient(api.url, installation);
    await subscribe(client, read, progress);
    progress(`${events} events whose workflows charge nothing`);
    const seconds = await sendBatches(
      client,
      events,
      (index) => `s${index % SUBSCRIPTIONS}`,
      () =>
        until(
          'all are done',
          async () => {
            const [row] = await read<{ count: string }>(
              `select count(*) as count from acts
               where organization_id = $1 and kind = 'instantCharge' and state = 'done'`,
              [client.organizationId],
            );
            return Number(row?.count) === events;
          },
          { everyMs: 50, limitMs: 900_000 },
        ),
    );
    await api.stop();
    await worker.stop();
    return { rate: events / seconds };
  } finally {
    await installation.stop();
  }
}

type Read = <Row extends object>(text: string, parameters: unknown[]) => Promise<Row[]>;

async function subscribe({ post, organizationId }: ApiClient, read: Read, progress: (text: string) => void) {
  const metric = { name: 'Calls', code: 'calls', aggregation_type: 'sum_agg', field_name: 'units' };
  await post('/api/v1/billable_metrics', { billable_metric: metric });
  const [made] = await read<{ id: string }>('select id from billable_metrics where organization_id = $1', [
    organizationId,
  ]);
  const charge = { charge_model: 'standard', pay_in_advance: true, properties: { amount: '1' } };
  const plan = { name: 'P', code: 'p', interval: 'monthly', amount_cents: 0, amount_currency: 'EUR' };
  await post('/api/v1/plans', {
    plan: { ...plan, pay_in_advance: false, charges: [{ ...charge, billable_metric_id: made!.id }] },
  });
  progress(`${SUBSCRIPTIONS} subscriptions`);
  await load(CLIENTS, SUBSCRIPTIONS, async (index) => {
    await post('/api/v1/customers', { customer: { external_id: `c${index}` } });
    await post('/api/v1/subscriptions', {
      subscription: { external_customer_id: `c${index}`, external_id: `s${index}`, plan_code: 'p' },
    });
  });
}

const eventOf = (externalSubscriptionId: string) => ({
  transaction_id: randomUUID(),
  external_subscription_id: externalSubscriptionId,
  code: 'calls',
  properties: { units: 1 },
});

/** Milliseconds from the request of each to its finalized invoice, as a reader of the database sees it. */
async function atPace({ post, organizationId }: ApiClient, read: Read, count: number): Promise<readonly number[]> {
  const sentAt = new Map<string, number>();
  const delays: number[] = [];
  const look = async (): Promise<boolean> => {
    const rows = await read<{ id: string }>(
      `select fees.event_transaction_id as id from fees join invoices on invoices.id = fees.invoice_id
       where fees.organization_id = $1 and invoices.status = 'finalized'
         and fees.event_transaction_id = any($2::text[])`,
      [organizationId, [...sentAt.keys()]],
    );
    const now = performance.now();
    for (const { id } of rows) {
      delays.push(now - sentAt.get(id)!);
      sentAt.delete(id);
    }
    return delays.length === count;
  };
  const began = performance.now();
  const sending: Promise<void>[] = [];
  const send = async (): Promise<void> => {
    for (let index = 0; index < count; index++) {
      await wait(Math.max(began + (index * 1000) / A_SECOND - performance.now(), 0));
      const event = eventOf(`s${index % SUBSCRIPTIONS}`);
      sentAt.set(event.transaction_id, performance.now());
      sending.push(post('/api/v1/events', { event }));
    }
    await Promise.all(sending);
  };
  await Promise.all([send(), until('all have their invoices', look, { everyMs: 10, limitMs: 900_000 })]);
  return delays;
}

/** Seconds from the first request until all is done. */
async function sendBatches(
  { post }: ApiClient,
  events: number,
  subscriptionOf: (index: number) => string,
  allDone: () => Promise<unknown>,
): Promise<number> {
  const began = performance.now();
  const batches = Math.ceil(events / BATCH);
  await load(CLIENTS, batches, (batch) => {
    const size = Math.min(BATCH, events - batch * BATCH);
    const list = Array.from({ length: size }, (_, place) => eventOf(subscriptionOf(batch * BATCH + place)));
    return post('/api/v1/events/batch', { events: list });
  });
  await allDone();
  return (performance.now() - began) / 1000;
}
