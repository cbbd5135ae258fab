import { cpuSince, type Cpu } from '../installation/cpu.ts';
import { setUpDueTogether } from '../installation/due-together.ts';
import { startInstallation } from '../installation/installation.ts';
import type { Switches } from '../installation/switches.ts';
import { sql } from '../../db/sql.ts';
import { until } from '../until.ts';

export interface LiveSubscriptions {
  /** Whose periods wait: all, unless the time was over before. */
  readonly started: number;
  readonly seconds: number;
  readonly cpu: Cpu;
  /** When all had started, by role. */
  readonly memoryMb: Readonly<Record<string, number>>;
  /** What `/ready` advises then. */
  readonly advice: readonly string[];
}

const LIMIT_MS = 45 * 60_000;
const MONTH_MS = 30 * 86_400_000;

/**
 * Many live subscriptions whose periods end in a month: what starting their workflows takes, and what they then hold in
 * memory.
 */
export async function measureLiveSubscriptions(
  live: number,
  switches: Switches,
  progress: (text: string) => void,
): Promise<LiveSubscriptions> {
  const installation = await startInstallation(switches);
  try {
    const { orm } = installation;
    const worker = await installation.startWorker();
    progress(`rows of ${live} subscriptions`);
    const dueAt = new Date(Date.now() + MONTH_MS);
    const { organizationId } = await setUpDueTogether(orm, { count: live, dueAt, hasUsage: false });
    const before = installation.cpu();
    const began = performance.now();
    let [started, told] = [0, 0];
    const seconds = (): number => (performance.now() - began) / 1000;
    await until(
      'the subscriptions have started',
      async () => {
        const [waiting] = await sql<{ count: string }>(
          orm.em.fork(),
          `select count(*) as count from acts where organization_id = $1 and kind = 'period' and state = 'waiting'`,
          [organizationId],
        );
        started = Number(waiting?.count);
        if (started >= told + live / 10) {
          told = started;
          progress(`${started} have started after ${seconds().toFixed(0)} s`);
        }
        return started === live || performance.now() - began > LIMIT_MS;
      },
      // Counting the rows must not be what is measured.
      { everyMs: Math.max(100, live / 50), limitMs: LIMIT_MS + 60_000 },
    );
    const took = seconds();
    const cpu = cpuSince(before, installation.cpu());
    const memoryMb = installation.memoryMb();
    const api = await installation.startApi();
    const answer = await fetch(`${api.url}/ready`);
    const { warnings = [] } = (await answer.json()) as { readonly warnings?: readonly string[] };
    await api.stop();
    await worker.stop();
    return { started, seconds: took, cpu, memoryMb, advice: warnings };
  } finally {
    await installation.stop();
  }
}
