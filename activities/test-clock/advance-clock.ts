import { activityInfo, heartbeat, sleep } from '@temporalio/activity';
import type { EntityManager } from '@mikro-orm/postgresql';
import { finishActs } from '../../db/acts/finish-acts.ts';
import type { StartableAct } from '../../db/acts/act.ts';
import {
  countWorkBeside,
  noteMomentOfMove,
  reachNextMoment,
  targetOfMove,
  wokenActs,
} from '../../db/acts/test-clock-moves.ts';
import { holdClockRow, setClockForwards } from '../../db/queries/test-clock/clock-row.ts';
import type { ActivityDependencies } from '../dependencies.ts';
import type { MoveTestClockArgument } from './move-test-clock-act.ts';

/** Waits between looks at work that was woken, growing from the first to the last. */
const LOOK_EVERY_MS = [5, 10, 20, 40, 80];

/** Work that has not moved for so long is woken again: a wake-up can be lost with Temporal's store. */
const WAKE_AGAIN_AFTER_MS = 5000;

/** An activity of its own after so long keeps each one far below its time limit. */
const TURN_MS = 60_000;

/** What one look at an organization's acts has led to. */
type ClockStep =
  | { readonly kind: 'finished' }
  | { readonly kind: 'woken'; readonly acts: readonly StartableAct[] }
  | { readonly kind: 'working'; readonly open: number };

/**
 * Moves a test clock towards its target: goes to the next due moment, wakes what is due there, waits until it is done,
 * and so on. Everything that it must remember is in the database, so it goes on after any crash, and ends where
 * somebody else has put its target (`endMove`).
 *
 * @returns `more` when there is more to do after this activity's time.
 */
export async function advanceClock(
  dependencies: ActivityDependencies,
  argument: MoveTestClockArgument,
): Promise<'more' | 'finished'> {
  const { orm, starter, fault, realTime } = dependencies;
  const startedAt = realTime().getTime();
  let looks = 0;
  let open = Number.POSITIVE_INFINITY;
  let movedAt = startedAt;
  if (activityInfo().attempt > 1) await wakeWorking(dependencies, argument.organizationId);
  for (;;) {
    heartbeat();
    const em = orm.em.fork();
    const step = await em.transactional((inner) => takeStep(inner, argument));
    if (step.kind === 'finished') return 'finished';
    const now = realTime().getTime();
    if (step.kind === 'woken') {
      fault('clock:after-turn');
      await starter.wake(step.acts);
      [looks, open, movedAt] = [0, Number.POSITIVE_INFINITY, realTime().getTime()];
      continue;
    }
    if (step.open < open) [open, movedAt] = [step.open, now];
    if (now - movedAt > WAKE_AGAIN_AFTER_MS) {
      await wakeWorking(dependencies, argument.organizationId);
      movedAt = realTime().getTime();
    }
    if (now - startedAt > TURN_MS) return 'more';
    await sleep(LOOK_EVERY_MS[Math.min(looks++, LOOK_EVERY_MS.length - 1)] ?? 80);
  }
}

/** One step, under a lock of the organization's row: nobody else moves its clock. */
async function takeStep(em: EntityManager, argument: MoveTestClockArgument): Promise<ClockStep> {
  const { organizationId, actId, mode } = argument;
  await holdClockRow(em, organizationId);
  const target = await targetOfMove(em, argument);
  // Ended before it had begun.
  if (!target) return { kind: 'finished' };
  const open = await countWorkBeside(em, argument);
  if (open > 0) return { kind: 'working', open };
  const acts = await reachNextMoment(em, organizationId, target);
  const moment = acts[0]?.dueAt;
  if (mode === 'advance') await setClockForwards(em, organizationId, moment ?? target);
  if (moment) {
    await noteMomentOfMove(em, actId, moment);
    return { kind: 'woken', acts };
  }
  await finishActs(em, [actId]);
  return { kind: 'finished' };
}

async function wakeWorking({ orm, starter }: ActivityDependencies, organizationId: string): Promise<void> {
  await starter.wake(await wokenActs(orm.em.fork(), organizationId));
}
