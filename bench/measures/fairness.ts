import { sql } from '../../db/sql.ts';
import { cpuSince, type Cpu } from '../installation/cpu.ts';
import { setUpDueTogether } from '../installation/due-together.ts';
import { startInstallation } from '../installation/installation.ts';
import type { Switches } from '../installation/switches.ts';
import { until } from '../until.ts';

export interface Fairness {
  /** From the common due moment until each of the few is final. */
  readonly fewSeconds: number;
  /** From then until each of the many is. */
  readonly manySeconds: number;
  readonly cpu: Cpu;
}

const FEW = 10;
/** On a machine that does nothing else; the moment is put off when it is too short. */
const STARTS_A_SECOND = 60;
const ROOM_MS = 20_000;

/** Ten periods of one organization that fall due in the moment in which many of another do. */
export async function measureFairness(
  many: number,
  switches: Switches,
  progress: (text: string) => void,
): Promise<Fairness> {
  const installation = await startInstallation(switches);
  try {
    const { orm } = installation;
    const worker = await installation.startWorker();
    const dueAt = new Date(Date.now() + ROOM_MS + (many / STARTS_A_SECOND) * 1000);
    const crowd = await setUpDueTogether(orm, { count: many, dueAt });
    const few = await setUpDueTogether(orm, { count: FEW, dueAt });
    progress(`${many} periods of one organization and ${FEW} of another are being started`);
    await until('they are due', () => Promise.resolve(Date.now() >= dueAt.getTime()), {
      limitMs: 900_000,
      everyMs: 10,
    });
    const due = installation.cpu();
    const finalWithin = async (organizationId: string, count: number): Promise<number> => {
      await until(
        `${count} invoices are final`,
        async () => {
          const [row] = await sql<{ readonly made: string }>(
            orm.em.fork(),
            `select count(*) as made from invoices where organization_id = $1 and status = 'finalized'`,
            [organizationId],
          );
          return Number(row?.made) === count;
        },
        { everyMs: 50, limitMs: 900_000 },
      );
      return (Date.now() - dueAt.getTime()) / 1000;
    };
    const fewSeconds = await finalWithin(few.organizationId, FEW);
    progress(`the few are final after ${fewSeconds.toFixed(1)} s`);
    const manySeconds = await finalWithin(crowd.organizationId, many);
    const cpu = cpuSince(due, installation.cpu());
    await worker.stop();
    return { fewSeconds, manySeconds, cpu };
  } finally {
    await installation.stop();
  }
}
