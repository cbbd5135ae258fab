import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { availableParallelism, loadavg } from 'node:os';
import type { MikroORM } from '@mikro-orm/postgresql';
import { Client, Connection } from '@temporalio/client';
import { sql } from '../../db/sql.ts';
import { periodKind } from '../../activities/subscriptions/period-act.ts';
import { cpuSince, type Cpu } from '../installation/cpu.ts';
import { setUpDueTogether } from '../installation/due-together.ts';
import { startInstallation, type Installation } from '../installation/installation.ts';
import type { Switches } from '../installation/switches.ts';
import { until } from '../until.ts';

export interface Peak {
  /** Periods finished a second, from the moment at which all are due to the last one's commit. */
  readonly rate: number;
  /** From then until the workflows of all next periods run. */
  readonly nextStartedSeconds: number;
  readonly cpu: {
    /** From the acts' commit until all their workflows wait. */
    readonly start: Cpu;
    /** From due until the last is committed. */
    readonly peak: Cpu;
    /** From then until the workflows are closed and those of all next periods wait. */
    readonly rest: Cpu;
  };
  /** Webhooks that had arrived when the peak was over, and in the end; null without an endpoint. */
  readonly webhooks: { readonly atPeakEnd: number; readonly all: number; readonly allSeconds: number } | null;
}

export interface PeakOptions {
  readonly periods: number;
  readonly billing: 'real' | 'nothing';
  readonly withWebhooks?: boolean;
  /** Workflows in memory at most. */
  readonly cached?: number;
  readonly switches: Switches;
  readonly progress: (text: string) => void;
}

/** On a machine that does nothing else: beside others they take as much longer as its cores are shared. */
const STARTS_A_SECOND = 80;
const ROOM_MS = 10_000;
const ATTEMPTS = 3;
const LIMIT_MS = 1_800_000;

class TooBusy extends Error {}

/** Measures what happens when many periods fall due in one moment, on an installation of its own. */
export async function measurePeak(options: PeakOptions): Promise<Peak> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await measureOnce(options, startsMs(options.periods) * 2 ** (attempt - 1));
    } catch (error) {
      if (!(error instanceof TooBusy) || attempt === ATTEMPTS) throw error;
      options.progress(`${error.message} Again, with twice the time.`);
    }
  }
}

const startsMs = (periods: number): number =>
  ROOM_MS + (periods / STARTS_A_SECOND) * 1000 * Math.max(1, (loadavg()[0] ?? 0) / availableParallelism());

async function measureOnce(options: PeakOptions, startWithinMs: number): Promise<Peak> {
  const { periods, billing, withWebhooks = false, cached, switches, progress } = options;
  const installation = await startInstallation(switches);
  const receiver = withWebhooks ? await startReceiver() : null;
  try {
    const { orm } = installation;
    const worker = await installation.startWorker({ billing, ...(cached !== undefined && { cached }) });
    const dueAt = new Date(Date.now() + startWithinMs);
    const { organizationId } = await setUpDueTogether(orm, {
      count: periods,
      dueAt,
      webhookUrl: receiver?.url,
      taxRate: switches.taxed,
      couponCents: switches.coupon,
    });
    const wanted = installation.cpu();
    progress(`${periods} periods are being started`);
    await until('every period waits', () => allAre(orm, organizationId, 'waiting', dueAt), { limitMs: LIMIT_MS });
    const waiting = installation.cpu();
    const left = dueAt.getTime() - Date.now();
    if (left < 0) throw new TooBusy('The periods were due before all of them had started.');
    progress(`all wait; they fall due in ${(left / 1000).toFixed(0)} s`);
    await until('they are due', () => Promise.resolve(Date.now() >= dueAt.getTime()), { everyMs: 10 });
    const due = installation.cpu();
    await until('the peak is over', () => allAre(orm, organizationId, 'done', dueAt), { limitMs: LIMIT_MS });
    const done = installation.cpu();
    const over = await lastChange(orm, organizationId, dueAt);
    const atPeakEnd = receiver?.received() ?? 0;
    progress(`the peak is over after ${((over - dueAt.getTime()) / 1000).toFixed(1)} s`);
    await until('the next periods wait', () => nextWait(orm, organizationId, dueAt, periods), { limitMs: LIMIT_MS });
    const nextStartedSeconds = (Date.now() - over) / 1000;
    await until('no workflow of them runs any more', () => onlyNextRun(installation, periods), { everyMs: 250 });
    const end = installation.cpu();
    if (receiver) await until('all webhooks have arrived', () => Promise.resolve(receiver.received() >= periods));
    const allSeconds = (Date.now() - over) / 1000;
    if (billing === 'real') await assertBilledOnce(orm, organizationId, periods, switches);
    await worker.stop();
    return {
      rate: periods / ((over - dueAt.getTime()) / 1000),
      nextStartedSeconds,
      cpu: { start: cpuSince(wanted, waiting), peak: cpuSince(due, done), rest: cpuSince(done, end) },
      webhooks: receiver && { atPeakEnd, all: receiver.received(), allSeconds },
    };
  } finally {
    receiver?.close();
    await installation.stop();
  }
}

const rows = (orm: MikroORM, text: string, parameters: readonly unknown[]) =>
  sql<{ readonly value: string }>(orm.em.fork(), text, parameters);

/** Asked for often while it is measured: it reads no further than the first act that is not there yet. */
async function allAre(orm: MikroORM, organizationId: string, state: string, dueAt: Date): Promise<boolean> {
  const others = await rows(
    orm,
    `select 1 as value from acts
     where organization_id = $1 and kind = 'period' and due_at = $2::timestamptz and state <> $3 limit 1`,
    [organizationId, dueAt.toISOString(), state],
  );
  return others.length === 0;
}

/** When the last of them was done, in milliseconds: exact, however seldom we look. */
async function lastChange(orm: MikroORM, organizationId: string, dueAt: Date): Promise<number> {
  const [last] = await rows(
    orm,
    `select extract(epoch from max(changed_at)) * 1000 as value from acts
     where organization_id = $1 and kind = 'period' and due_at = $2::timestamptz`,
    [organizationId, dueAt.toISOString()],
  );
  return Number(last?.value);
}

async function nextWait(orm: MikroORM, organizationId: string, dueAt: Date, periods: number): Promise<boolean> {
  const [waiting] = await rows(
    orm,
    `select count(*) as value from acts
     where organization_id = $1 and kind = 'period' and due_at > $2::timestamptz and state = 'waiting'`,
    [organizationId, dueAt.toISOString()],
  );
  return Number(waiting?.value) === periods;
}

async function onlyNextRun({ temporal }: Installation, periods: number): Promise<boolean> {
  const connection = await Connection.connect({ address: temporal.address });
  try {
    const { workflow } = new Client({ connection, namespace: temporal.namespace });
    const { count } = await workflow.count(`WorkflowType = '${periodKind.workflow}' and ExecutionStatus = 'Running'`);
    return count <= periods;
  } finally {
    await connection.close();
  }
}

/** A figure of wrong bills is worth nothing. 31.00 and 20 calls at 0.25, without the coupon, the tax, and the note. */
async function assertBilledOnce(
  orm: MikroORM,
  organizationId: string,
  periods: number,
  { taxed = '0', coupon = '0' }: Switches,
): Promise<void> {
  const sub = 3600 - Number(coupon);
  const total = sub + Math.round((sub * Number(taxed)) / 100) - Number(coupon);
  const [invoices] = await sql<{ readonly all: string; readonly right: string }>(
    orm.em.fork(),
    `select count(*) as all, count(*) filter (where status = 'finalized' and total_amount_cents = $2) as right
     from invoices where organization_id = $1 and invoice_type = 'subscription'`,
    [organizationId, total],
  );
  if (Number(invoices?.right) !== periods || Number(invoices?.all) !== periods) {
    throw new Error(`${periods} periods made ${invoices?.all} invoices, of which ${invoices?.right} are right.`);
  }
}

/** A receiver that acknowledges at once. */
async function startReceiver() {
  const keys = new Set<string>();
  const server = createServer((request, response) => {
    keys.add(String(request.headers['x-lago-unique-key']));
    request.resume().once('end', () => response.writeHead(200).end());
  });
  await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/webhooks`,
    received: () => keys.size,
    close: () => server.close().closeAllConnections(),
  };
}
