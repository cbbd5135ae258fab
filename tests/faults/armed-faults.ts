import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { FaultName } from '../../activities/fault-point.ts';
import { runFolder } from '../support/processes/run-folder.ts';
import type { RunningDurabill } from '../support/processes/running-durabill.ts';
import { until } from '../support/until.ts';

/**
 * Places at which a worker that runs already is killed: armed by one test after the other, so that they share the
 * worker.
 */
export interface ArmedFaults {
  /** For DURABILL_FAULTS. */
  readonly setting: string;
  /**
   * Does the work and kills the worker once at each of the places; it is an error when the work does not come to all of
   * them.
   */
  readonly killedAt: (
    durabill: RunningDurabill,
    places: readonly FaultName[],
    work: () => Promise<void>,
    whileDead?: () => void,
  ) => Promise<void>;
  /** The same at one place after the other; a place may come more than once. */
  readonly killedInTurn: (
    durabill: RunningDurabill,
    places: readonly FaultName[],
    work: () => Promise<void>,
  ) => Promise<void>;
}

/**
 * The worker is killed where a file is missing, and makes it first (worker/process/fault.ts): one that is there is a
 * place at peace.
 */
export function armedFaults(all: readonly FaultName[]): ArmedFaults {
  const memory = mkdtempSync(join(runFolder(), 'faults-'));
  const fileOf = (place: FaultName): string => join(memory, place.replace(':', '-'));
  const disarm = (place: FaultName): void => writeFileSync(fileOf(place), '');
  const arm = (place: FaultName): void => rmSync(fileOf(place));
  for (const place of all) disarm(place);

  /** Works while the worker dies. @throws Error when the work does not come to all the places. */
  const interrupted = async (
    durabill: RunningDurabill,
    work: () => Promise<void>,
    deaths: Deaths,
    places: readonly FaultName[],
  ): Promise<void> => {
    try {
      const working = work();
      await killAtEach(durabill, working, deaths);
      await working;
      if (deaths.left().length > 0) throw new Error(`The worker was not killed at ${deaths.left().join(', ')}`);
    } catch (error) {
      // Others use the same worker: it runs, and is killed nowhere.
      for (const place of places) disarm(place);
      await durabill.restart('worker').catch(() => undefined);
      throw error;
    }
  };

  return {
    setting: `${[...new Set(all)].join(',')}@${memory}`,
    killedAt: (durabill, places, work, whileDead = () => undefined) => {
      const left = (): readonly FaultName[] => places.filter((place) => !existsSync(fileOf(place)));
      for (const place of places) arm(place);
      return interrupted(durabill, work, { count: places.length, left, whileDead }, places);
    },
    killedInTurn: (durabill, places, work) => {
      let turn = 0;
      const armNext = (): void => {
        const next = places[turn];
        if (next !== undefined) arm(next);
      };
      const left = (): readonly FaultName[] => {
        const armed = places[turn];
        return places.slice(armed !== undefined && existsSync(fileOf(armed)) ? turn + 1 : turn);
      };
      const whileDead = (): void => {
        turn += 1;
        armNext();
      };
      armNext();
      return interrupted(durabill, work, { count: places.length, left, whileDead }, places);
    },
  };
}

interface Deaths {
  readonly count: number;
  /** The places at which it has not died yet. */
  readonly left: () => readonly FaultName[];
  readonly whileDead: () => void;
}

/**
 * Buries the worker and starts another, as often as it dies. What the work waits for can be seen at a commit, a moment
 * before the place after that: only work that fails ends it before its time.
 */
async function killAtEach(
  durabill: RunningDurabill,
  working: Promise<void>,
  { count, left, whileDead }: Deaths,
): Promise<void> {
  // Its own failure is the one to show, not that a place was not reached.
  const failed = new Promise<'failed'>((resolve) => {
    working.catch(() => resolve('failed'));
  });
  for (let deaths = 1; deaths <= count; deaths++) {
    const died = until(
      () => count - left().length >= deaths,
      `the worker is killed for the ${deaths}th time, at one of ${left().join(', ')}`,
    ).then(
      () => 'died' as const,
      () => 'lived' as const,
    );
    if ((await Promise.race([died, failed])) !== 'died') return;
    await durabill.kill('worker');
    whileDead();
    await durabill.restart('worker');
  }
}
