import type { EntityManager } from '@mikro-orm/postgresql';
import { Refusal, forbidden } from '../../billing/refusal.ts';
import { refuseAdvance, refuseJump } from '../../billing/test-clock/clock-range.ts';
import type { WantedAct } from '../../db/acts/act.ts';
import { finishActs } from '../../db/acts/finish-acts.ts';
import { findOpenMove, type OpenMove } from '../../db/acts/open-move.ts';
import { setTargetOfMove } from '../../db/acts/test-clock-moves.ts';
import { wantActs } from '../../db/acts/want-acts.ts';
import { lockClockRow, setClock, setClockMoves } from '../../db/queries/test-clock/clock-row.ts';
import type { CommandScope } from '../command-scope.ts';
import { moveTestClockAct } from './move-test-clock-act.ts';

type ClockScope = Pick<CommandScope, 'organizationId'>;

interface LockedClock {
  readonly clockNow: Date;
  readonly moves: number;
  /** The move that is under way. */
  readonly move: OpenMove | null;
}

/** @throws Refusal 403 `test_mode_required` for a live organization. */
async function lockClock(em: EntityManager, { organizationId }: ClockScope): Promise<LockedClock> {
  const { clockNow, moves } = await lockClockRow(em, organizationId);
  if (!clockNow) throw forbidden('test_mode_required');
  return { clockNow, moves, move: await findOpenMove(em, organizationId) };
}

/** A clock makes one move at a time. @throws Refusal 409 `test_clock_is_advancing`; as `lockClock`. */
async function lockStandingClock(em: EntityManager, scope: ClockScope): Promise<LockedClock> {
  const clock = await lockClock(em, scope);
  if (clock.move) throw new Refusal({ kind: 'conflict', code: 'test_clock_is_advancing' });
  return clock;
}

/**
 * Puts the clock elsewhere, forwards or backwards, and runs nothing.
 *
 * @throws Refusal as `lockStandingClock` and `refuseJump`.
 */
export async function jump(
  em: EntityManager,
  scope: Pick<CommandScope, 'organizationId' | 'realTime'>,
  to: Date,
): Promise<void> {
  const { clockNow } = await lockStandingClock(em, scope);
  refuseJump(clockNow, scope.realTime, to);
  await setClock(em, scope.organizationId, to);
}

/**
 * Wants a move forwards that does everything on its way.
 *
 * @returns its act, to be started once the transaction has committed.
 * @throws Refusal as `lockStandingClock` and `refuseAdvance`.
 */
export async function advance(em: EntityManager, scope: ClockScope, to: Date): Promise<WantedAct> {
  const clock = await lockStandingClock(em, scope);
  refuseAdvance(clock.clockNow, to);
  return wantMove(em, scope, clock, 'advance', to);
}

/**
 * Wants a run of everything that is due where the clock stands.
 *
 * @returns its act, to be started once the transaction has committed.
 * @throws Refusal as `lockStandingClock`.
 */
export async function runDue(em: EntityManager, scope: ClockScope): Promise<WantedAct> {
  const clock = await lockStandingClock(em, scope);
  return wantMove(em, scope, clock, 'run', clock.clockNow);
}

/**
 * Ends the move that is under way after the moment at work; the clock stays there. It takes its turns under the lock
 * that is held here, and reads its target in each, so this comes between two of them. One that has woken nothing yet
 * ends at once.
 *
 * @returns the move; null: there was none.
 * @throws Refusal as `lockClock`.
 */
export async function endMove(em: EntityManager, scope: ClockScope): Promise<OpenMove | null> {
  const { move } = await lockClock(em, scope);
  if (!move) return null;
  if (move.moment === null) await finishActs(em, [move.id]);
  else await setTargetOfMove(em, move.id, move.moment);
  return move;
}

async function wantMove(
  em: EntityManager,
  { organizationId }: ClockScope,
  { moves, clockNow }: LockedClock,
  mode: 'advance' | 'run',
  target: Date,
): Promise<WantedAct> {
  const move = moves + 1;
  await setClockMoves(em, organizationId, move);
  const act = moveTestClockAct({ organizationId, move, mode, target });
  await wantActs(em, [act], clockNow);
  return act;
}
