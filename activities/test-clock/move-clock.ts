import type { EntityManager } from '@mikro-orm/postgresql';
import { Refusal, forbidden, invalid } from '../../billing/refusal.ts';
import { finishActs } from '../../db/acts/finish-acts.ts';
import { wantActs } from '../../db/acts/want-acts.ts';
import type { WantedAct } from '../../db/acts/act.ts';
import { findOpenMove, type OpenMove } from '../../db/acts/open-move.ts';
import { setTargetOfMove } from '../../db/acts/test-clock-moves.ts';
import { instantOf, sql } from '../../db/sql.ts';
import { moveTestClockAct } from './move-test-clock-act.ts';

interface LockedClock {
  readonly clockNow: Date;
  readonly moves: number;
  readonly moving: boolean;
}

/** @throws Refusal 403 for a live organization, 409 while the clock still moves: one move at a time. */
async function lockClock(em: EntityManager, organizationId: string): Promise<LockedClock> {
  const [row] = await sql<{ clockNow: string | null; moves: number }>(
    em,
    `select clock_now as "clockNow", clock_moves as moves from organizations where id = $1 for no key update`,
    [organizationId],
  );
  if (!row?.clockNow) throw forbidden('test_mode_required');
  const open = await findOpenMove(em, organizationId);
  return { ...row, clockNow: instantOf(row.clockNow), moving: open !== null };
}

/** Years that one step takes a clock forwards at most: what falls due within them is done within minutes. */
const STEP_YEARS = 20;

/**
 * Where a clock may stand. Around every moment of it there are periods, due days and dates that need a year of four digits, too.
 */
const FIRST_MOMENT = new Date('1000-01-01T00:00:00Z');
const LAST_MOMENT = new Date('9000-12-31T23:59:59.999Z');

/** @throws Refusal 422 for what lies too far ahead, and for years outside of 1000 to 9000. */
function refuseFarAway(from: Date, to: Date): void {
  const last = new Date(from);
  last.setUTCFullYear(from.getUTCFullYear() + STEP_YEARS);
  if (to > last) throw invalid({ frozen_time: ['cannot_be_more_than_20_years_ahead'] });
  if (to < FIRST_MOMENT || to > LAST_MOMENT) throw invalid({ frozen_time: ['value_is_out_of_range'] });
}

const stillMoving = (): Refusal => new Refusal({ kind: 'conflict', code: 'test_clock_is_advancing' });

/**
 * Moves the clock, forwards or backwards, and runs nothing.
 *
 * @param realNow real time: a clock that stands in the past may come back to it at once.
 * @throws Refusal 422 for what lies too far ahead of both, and as `refuseFarAway`.
 */
export async function jump(em: EntityManager, organizationId: string, to: Date, realNow: Date): Promise<void> {
  const { moving, clockNow } = await lockClock(em, organizationId);
  if (moving) throw stillMoving();
  refuseFarAway(clockNow > realNow ? clockNow : realNow, to);
  await sql(em, 'update organizations set clock_now = $2 where id = $1', [organizationId, to.toISOString()]);
}

/** Wants a move forwards that does everything on its way. @throws Refusal 422 when the moment lies in the past or too far ahead. */
export async function advance(em: EntityManager, organizationId: string, to: Date): Promise<WantedAct> {
  const clock = await lockClock(em, organizationId);
  if (clock.moving) throw stillMoving();
  if (to < clock.clockNow) throw invalid({ frozen_time: ['cannot_be_in_past'] });
  refuseFarAway(clock.clockNow, to);
  return wantMove(em, organizationId, clock, 'advance', to);
}

/** Wants a run of everything that is due at the present frozen time. */
export async function runDue(em: EntityManager, organizationId: string): Promise<WantedAct> {
  const clock = await lockClock(em, organizationId);
  if (clock.moving) throw stillMoving();
  return wantMove(em, organizationId, clock, 'run', clock.clockNow);
}

/**
 * Ends the move that is under way after the moment at work; the clock stays there. It takes its turns under the lock that is held here,
 * and reads its target in each, so this comes between two of them. One that has woken nothing yet ends at once.
 *
 * @returns the move; null: there was none.
 */
export async function endMove(em: EntityManager, organizationId: string): Promise<OpenMove | null> {
  await lockClock(em, organizationId);
  const move = await findOpenMove(em, organizationId);
  if (!move) return null;
  if (move.moment === null) await finishActs(em, [move.id]);
  else await setTargetOfMove(em, move.id, move.moment);
  return move;
}

async function wantMove(
  em: EntityManager,
  organizationId: string,
  { moves, clockNow }: LockedClock,
  mode: 'advance' | 'run',
  target: Date,
): Promise<WantedAct> {
  const move = moves + 1;
  await sql(em, 'update organizations set clock_moves = $2 where id = $1', [organizationId, move]);
  const act = moveTestClockAct({ organizationId, move, mode, target });
  await wantActs(em, [act], clockNow);
  return act;
}
