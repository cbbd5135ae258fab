import type { MikroORM } from '@mikro-orm/postgresql';
import { v7 } from 'uuid';
import { sql } from '../db/sql.ts';
import { cpuSince } from './cpu-seconds.ts';
import { startInstallation } from './installation.ts';
import { percentile } from './percentile.ts';

export interface Load {
  readonly p50Ms: number;
  readonly p99Ms: number;
  /** A second. */
  readonly rate: number;
}

export interface Subscribing {
  readonly http: Load;
  /** CPU seconds while they were asked for, by role. */
  readonly cpu: Readonly<Record<string, number>>;
  /** The limit: the same two rows by themselves, in a transaction of one statement each, by as many clients. */
  readonly rowsAlone: Load;
}

const CLIENTS = 16;

/** `POST /subscriptions` by 16 clients at once, each for a customer that exists, with a worker that starts the periods meanwhile. */
export async function measureSubscribing(requests: number, progress: (text: string) => void): Promise<Subscribing> {
  const installation = await startInstallation();
  try {
    const worker = await installation.startWorker('real');
    const api = await installation.startApi();
    const post = async (key: string, path: string, body: unknown): Promise<unknown> => {
      const response = await fetch(api.url + path, {
        method: 'POST',
        headers: { Authorization: `Bearer ${key}`, 'Content-Type': 'application/json' },
        body: JSON.stringify(body),
      });
      const answer: unknown = await response.json();
      if (!response.ok) throw new Error(`POST ${path}: ${response.status} ${JSON.stringify(answer)}`);
      return answer;
    };
    const { organization } = (await post(installation.adminKey, '/admin/organizations', {
      organization: { name: 'Bench' },
    })) as { readonly organization: { readonly api_key: string; readonly lago_id: string } };
    const key = organization.api_key;
    const plan = { name: 'P', code: 'p', interval: 'monthly', amount_cents: 100, amount_currency: 'EUR' };
    await post(key, '/api/v1/plans', { plan: { ...plan, pay_in_advance: false } });
    progress(`${requests} customers`);
    await load(requests, (index) => post(key, '/api/v1/customers', { customer: { external_id: `c${index}` } }));
    progress(`${requests} subscriptions by ${CLIENTS} clients`);
    const cpuBefore = installation.cpuSeconds();
    const http = await load(requests, (index) =>
      post(key, '/api/v1/subscriptions', {
        subscription: { external_customer_id: `c${index}`, external_id: `s${index}`, plan_code: 'p' },
      }),
    );
    const cpu = cpuSince(cpuBefore, installation.cpuSeconds());
    await api.stop();
    await worker.stop();
    progress('the same rows alone');
    const rowsAlone = await rows(installation.orm, organization.lago_id, requests);
    return { http, cpu, rowsAlone };
  } finally {
    await installation.stop();
  }
}

async function rows(orm: MikroORM, organizationId: string, requests: number): Promise<Load> {
  const [owner] = await sql<{ customerId: string; planId: string }>(
    orm.em.fork(),
    `select customers.id as "customerId", plans.id as "planId" from customers, plans
     where customers.organization_id = $1 and plans.organization_id = $1 limit 1`,
    [organizationId],
  );
  return load(requests, () =>
    orm.em.fork().transactional(async (em) => {
      const id = v7();
      await sql(
        em,
        `insert into subscriptions (id, organization_id, customer_id, plan_id, external_id, status, billing_time,
                                    subscription_at, created_at, updated_at)
         values ($1, $2, $3, $4, $5, 'canceled', 'calendar', clock_timestamp(), clock_timestamp(), clock_timestamp())`,
        [id, organizationId, owner?.customerId, owner?.planId, id],
      );
      await sql(
        em,
        `insert into acts (id, organization_id, kind, queue, rank, summary, state, changed_at, created_at)
         values ($1, $2, 'period', 'billing', 30, 'bench', 'done', clock_timestamp(), clock_timestamp())`,
        [`bench/${id}`, organizationId],
      );
    }),
  );
}

async function load(requests: number, request: (index: number) => Promise<unknown>): Promise<Load> {
  const times: number[] = [];
  let next = 0;
  const began = performance.now();
  const client = async (): Promise<void> => {
    for (let index = next++; index < requests; index = next++) {
      const start = performance.now();
      await request(index);
      times.push(performance.now() - start);
    }
  };
  // All of them end before one's failure is told: what they use may be closed then.
  const ended = await Promise.allSettled(Array.from({ length: CLIENTS }, client));
  for (const result of ended) if (result.status === 'rejected') throw result.reason;
  const seconds = (performance.now() - began) / 1000;
  return { p50Ms: percentile(times, 0.5), p99Ms: percentile(times, 0.99), rate: requests / seconds };
}
