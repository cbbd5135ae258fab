import type { MikroORM } from '@mikro-orm/postgresql';
import { sql } from '../../db/sql.ts';
import { cpuSince, type Cpu } from '../installation/cpu.ts';
import { setUpDueTogether } from '../installation/due-together.ts';
import { startInstallation } from '../installation/installation.ts';
import type { Switches } from '../installation/switches.ts';
import { until } from '../until.ts';
import { percentile } from './percentile.ts';

export interface Promptness {
  readonly p50Ms: number;
  readonly p99Ms: number;
  readonly samples: number;
  /** From the first round's rows to the last invoice. */
  readonly cpu: Cpu;
}

const TOGETHER = 20;
const ROOM_MS = 6000;

/**
 * From a period's end to its finalized invoice, as a reader of the database sees it, in a live organization without a
 * delay: 20 periods end together, some rounds of them.
 */
export async function measurePromptness(
  rounds: number,
  switches: Switches,
  progress: (text: string) => void,
): Promise<Promptness> {
  const installation = await startInstallation(switches);
  try {
    const { orm } = installation;
    const worker = await installation.startWorker();
    const before = installation.cpu();
    const delays = await delaysOf(orm, rounds, progress);
    const cpu = cpuSince(before, installation.cpu());
    await worker.stop();
    return { cpu, p50Ms: percentile(delays, 0.5), p99Ms: percentile(delays, 0.99), samples: delays.length };
  } finally {
    await installation.stop();
  }
}

/** The milliseconds from the end of each period to its invoice, in some rounds of 20 periods that end together. */
export async function delaysOf(
  orm: MikroORM,
  rounds: number,
  progress: (text: string) => void,
): Promise<readonly number[]> {
  const delays: number[] = [];
  for (let round = 1; round <= rounds; round++) {
    progress(`round ${round} of ${rounds}`);
    const dueAt = new Date(Date.now() + ROOM_MS);
    const { organizationId } = await setUpDueTogether(orm, { count: TOGETHER, dueAt });
    await until('they are due', () => Promise.resolve(Date.now() >= dueAt.getTime()), { everyMs: 5 });
    const seen = new Set<string>();
    await until(
      'all are billed',
      async () => {
        const rows = await sql<{ id: string }>(
          orm.em.fork(),
          `select id from invoices where organization_id = $1 and status = 'finalized'`,
          [organizationId],
        );
        const now = Date.now();
        for (const { id } of rows) {
          if (seen.has(id)) continue;
          seen.add(id);
          delays.push(now - dueAt.getTime());
        }
        return seen.size === TOGETHER;
      },
      { everyMs: 5 },
    );
  }
  return delays;
}
