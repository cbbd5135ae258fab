import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { MikroORM } from '@mikro-orm/postgresql';
import { cpuSince } from './cpu-seconds.ts';
import { sql } from '../db/sql.ts';
import { setUpDueTogether } from './due-together.ts';
import { startInstallation } from './installation.ts';
import { until } from './until.ts';

export interface Peak {
  /** Periods finished a second, from the moment at which all are due to the last one's commit. */
  readonly rate: number;
  /** From then until the workflows of all next periods run. */
  readonly nextStartedSeconds: number;
  /** CPU seconds of each process during the peak. */
  readonly cpu: Readonly<Record<string, number>>;
  /** Webhooks that had arrived when the peak was over, and in the end; null without an endpoint. */
  readonly webhooks: { readonly atPeakEnd: number; readonly all: number; readonly allSeconds: number } | null;
}

export interface PeakOptions {
  readonly periods: number;
  readonly billing: 'real' | 'nothing';
  readonly withWebhooks: boolean;
  readonly progress: (text: string) => void;
}

/** Time for starting the workflows before they fall due, beyond what the machine needs for one. */
const STARTS_A_SECOND = 80;
const ROOM_MS = 15_000;

const count = async (orm: MikroORM, text: string, parameters: readonly unknown[]): Promise<number> => {
  const [row] = await sql<{ count: string }>(orm.em.fork(), `select count(*) as count from ${text}`, parameters);
  return Number(row?.count);
};

/** Measures what happens when many periods fall due in one moment, on an installation of its own. */
export async function measurePeak({ periods, billing, withWebhooks, progress }: PeakOptions): Promise<Peak> {
  const installation = await startInstallation();
  const receiver = withWebhooks ? await startReceiver() : null;
  try {
    const { orm } = installation;
    const worker = await installation.startWorker(billing);
    const dueAt = new Date(Date.now() + ROOM_MS + (periods / STARTS_A_SECOND) * 1000);
    const { organizationId } = await setUpDueTogether(orm, periods, dueAt, receiver?.url ?? null);
    progress(`${periods} periods are being started`);
    const own = `acts where organization_id = $1 and kind = 'period'`;
    await until('every period waits', async () => {
      return (await count(orm, `${own} and state = 'waiting'`, [organizationId])) === periods;
    });
    const left = dueAt.getTime() - Date.now();
    if (left < 0) throw new Error('The periods were due before all of them had started: the machine is too busy.');
    progress(`all wait; they fall due in ${(left / 1000).toFixed(0)} s`);
    await until('they are due', () => Promise.resolve(Date.now() >= dueAt.getTime()), { everyMs: 10 });
    const before = installation.cpuSeconds();
    await until('the peak is over', async () => {
      return (await count(orm, `${own} and state = 'done'`, [organizationId])) === periods;
    });
    const over = Date.now();
    const after = installation.cpuSeconds();
    const atPeakEnd = receiver?.received() ?? 0;
    progress(`the peak is over after ${((over - dueAt.getTime()) / 1000).toFixed(1)} s`);
    await until('the next periods wait', async () => {
      return (await count(orm, `${own} and state = 'waiting'`, [organizationId])) === periods;
    });
    const nextStartedSeconds = (Date.now() - over) / 1000;
    if (receiver) await until('all webhooks have arrived', () => Promise.resolve(receiver.received() >= periods));
    const allSeconds = (Date.now() - over) / 1000;
    if (billing === 'real') await assertBilledOnce(orm, organizationId, periods);
    await worker.stop();
    return {
      rate: periods / ((over - dueAt.getTime()) / 1000),
      nextStartedSeconds,
      cpu: cpuSince(before, after),
      webhooks: receiver && { atPeakEnd, all: receiver.received(), allSeconds },
    };
  } finally {
    receiver?.close();
    await installation.stop();
  }
}

/** A figure of wrong bills is worth nothing. 31.00 and 20 calls at 0.25. */
async function assertBilledOnce(orm: MikroORM, organizationId: string, periods: number): Promise<void> {
  const right = await count(
    orm,
    `invoices where organization_id = $1 and status = 'finalized' and total_amount_cents = 3600`,
    [organizationId],
  );
  const all = await count(orm, 'invoices where organization_id = $1', [organizationId]);
  if (right !== periods || all !== periods) {
    throw new Error(`${periods} periods made ${all} invoices, of which ${right} are right.`);
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
