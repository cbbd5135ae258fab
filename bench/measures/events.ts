import { randomUUID } from 'node:crypto';
import { cpuSince, type Cpu } from '../installation/cpu.ts';
import { startInstallation } from '../installation/installation.ts';
import type { Switches } from '../installation/switches.ts';
import { sql } from '../../db/sql.ts';
import { apiClient, load } from './clients.ts';

export interface Events {
  /** How many were stored: whole batches. */
  readonly stored: number;
  /** Events stored a second, over HTTP. */
  readonly rate: number;
  readonly cpu: Cpu;
  /** Of the clients that send them: this process. */
  readonly clientCpuMs: number;
  /** Rows a second by `COPY` of the same events into the same table, emptied, with its indexes. */
  readonly copyRate: number;
  readonly copyCpu: Cpu;
}

const BATCH = 100;
const CLIENTS = 4;
/** A batch has an event of each of 100 of them: usage of many at once is the dear case. */
const SUBSCRIPTIONS_MAX = 1000;

/** `POST /events/batch` by 4 clients, and the limit: the same rows by `COPY`. */
export async function measureEvents(
  events: number,
  switches: Switches,
  progress: (text: string) => void,
): Promise<Events> {
  const installation = await startInstallation(switches);
  try {
    const { orm } = installation;
    const api = await installation.startApi({ starts: 'none' });
    const { post } = await apiClient(api.url, installation);
    await post('/api/v1/billable_metrics', {
      billable_metric: { name: 'Calls', code: 'calls', aggregation_type: 'sum_agg', field_name: 'units' },
    });
    const plan = { name: 'P', code: 'p', interval: 'monthly', amount_cents: 100, amount_currency: 'EUR' };
    await post('/api/v1/plans', { plan: { ...plan, pay_in_advance: false } });
    const subscriptions = Math.min(SUBSCRIPTIONS_MAX, Math.max(BATCH, Math.ceil(events / 20)));
    progress(`${subscriptions} subscriptions`);
    await load(CLIENTS, subscriptions, async (index) => {
      const externalCustomerId = `c${index}`;
      await post('/api/v1/customers', { customer: { external_id: externalCustomerId } });
      await post('/api/v1/subscriptions', {
        subscription: { external_customer_id: externalCustomerId, external_id: `s${index}`, plan_code: 'p' },
      });
    });
    const batches = Math.ceil(events / BATCH);
    const timestamp = Math.floor(Date.now() / 1000);
    const batch = (index: number) =>
      Array.from({ length: BATCH }, (_, place) => ({
        transaction_id: randomUUID(),
        external_subscription_id: `s${(index * BATCH + place) % subscriptions}`,
        code: 'calls',
        timestamp,
        properties: { units: place, region: 'eu-central-1' },
      }));
    progress(`${batches * BATCH} events in batches of ${BATCH}`);
    const [before, clientBefore] = [installation.cpu(), process.cpuUsage()];
    const { rate } = await load(CLIENTS, batches, (index) => post('/api/v1/events/batch', { events: batch(index) }));
    const [after, client] = [installation.cpu(), process.cpuUsage(clientBefore)];
    await api.stop();
    progress('the same rows by COPY');
    const statement = (text: string) => sql(orm.em.fork(), text, []);
    const [server] = await sql<{ folder: string }>(
      orm.em.fork(),
      `select current_setting('data_directory') as folder`,
      [],
    );
    const file = `'${server?.folder.replaceAll("'", "''")}/bench-events'`;
    await statement(`copy events to ${file}`);
    await statement('truncate events');
    const copyBefore = installation.cpu();
    const began = performance.now();
    await statement(`copy events from ${file}`);
    const seconds = (performance.now() - began) / 1000;
    const copyCpu = cpuSince(copyBefore, installation.cpu());
    const [rows] = await sql<{ count: string }>(orm.em.fork(), 'select count(*) as count from events', []);
    if (Number(rows?.count) !== batches * BATCH) throw new Error(`${rows?.count} events were stored.`);
    return {
      stored: batches * BATCH,
      rate: rate * BATCH,
      cpu: cpuSince(before, after),
      clientCpuMs: (client.user + client.system) / 1000,
      copyRate: (batches * BATCH) / seconds,
      copyCpu,
    };
  } finally {
    await installation.stop();
  }
}
