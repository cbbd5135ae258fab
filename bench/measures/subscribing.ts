import type { MikroORM } from '@mikro-orm/postgresql';
import { v7 } from 'uuid';
import { sql } from '../../db/sql.ts';
import { cpuSince, type Cpu } from '../installation/cpu.ts';
import { startInstallation } from '../installation/installation.ts';
import type { Switches } from '../installation/switches.ts';
import { until } from '../until.ts';
import { apiClient, load, type Load } from './clients.ts';

export interface Subscribing {
  readonly http: Load;
  /** While they were asked for. */
  readonly cpu: Cpu;
  /** From then until every period waits; empty without starts. */
  readonly cpuOfLaterStarts: Cpu;
  /** The limit: the same two rows by themselves, in a transaction of one statement each, by as many clients. */
  readonly rowsAlone: Load;
}

export interface SubscribingOptions {
  readonly requests: number;
  /** `none`: no workflow is started behind the answers, and no worker runs. */
  readonly starts: 'real' | 'none';
  readonly switches: Switches;
  readonly progress: (text: string) => void;
}

const CLIENTS = 16;

/** `POST /subscriptions` by 16 clients at once, each for a customer that exists. */
export async function measureSubscribing(options: SubscribingOptions): Promise<Subscribing> {
  const { requests, starts, switches, progress } = options;
  const installation = await startInstallation(switches);
  try {
    const worker = starts === 'real' ? await installation.startWorker() : undefined;
    const api = await installation.startApi({ starts });
    const { post, organizationId } = await apiClient(api.url, installation);
    const plan = { name: 'P', code: 'p', interval: 'monthly', amount_cents: 100, amount_currency: 'EUR' };
    await post('/api/v1/plans', { plan: { ...plan, pay_in_advance: false } });
    progress(`${requests} customers`);
    await load(CLIENTS, requests, (index) => post('/api/v1/customers', { customer: { external_id: `c${index}` } }));
    progress(`${requests} subscriptions by ${CLIENTS} clients`);
    const before = installation.cpu();
    const http = await load(CLIENTS, requests, (index) =>
      post('/api/v1/subscriptions', {
        subscription: { external_customer_id: `c${index}`, external_id: `s${index}`, plan_code: 'p' },
      }),
    );
    const answered = installation.cpu();
    if (starts === 'real') await until('all periods wait', () => allWait(installation.orm, organizationId, requests));
    const started = installation.cpu();
    await api.stop();
    await worker?.stop();
    progress('the same rows alone');
    return {
      http,
      cpu: cpuSince(before, answered),
      cpuOfLaterStarts: starts === 'real' ? cpuSince(answered, started) : {},
      rowsAlone: await rows(installation.orm, organizationId, requests),
    };
  } finally {
    await installation.stop();
  }
}

async function allWait(orm: MikroORM, organizationId: string, requests: number): Promise<boolean> {
  const [waiting] = await sql<{ readonly count: string }>(
    orm.em.fork(),
    `select count(*) as count from acts where organization_id = $1 and kind = 'period' and state = 'waiting'`,
    [organizationId],
  );
  return Number(waiting?.count) === requests;
}

async function rows(orm: MikroORM, organizationId: string, requests: number): Promise<Load> {
  const [owner] = await sql<{ customerId: string; planId: string }>(
    orm.em.fork(),
    `select customers.id as "customerId", plans.id as "planId" from customers, plans
     where customers.organization_id = $1 and plans.organization_id = $1 limit 1`,
    [organizationId],
  );
  return load(CLIENTS, requests, () =>
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
