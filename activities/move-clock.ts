import type { EntityManager } from '@mikro-orm/postgresql';
import { Refusal, forbidden, invalid } from '../billing/refusal.ts';
import { wantActs, type WantedAct } from '../db/acts.ts';
import { instantOf, sql } from '../db/sql.ts';
import { clockAct } from './wanted-acts.ts';

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
  const [open] = await sql(
    em,
    `select 1 from acts where organization_id = $1 and kind = 'clock' and state in ('wanted', 'working')`,
    [organizationId],
  );
  return { ...row, clockNow: instantOf(row.clockNow), moving: open !== undefined };
}

const stillMoving = (): Refusal => new Refusal({ kind: 'conflict', code: 'test_clock_is_advancing' });

/** Moves the clock, forwards or backwards, and runs nothing. */
export async function jump(em: EntityManager, organizationId: string, to: Date): Promise<void> {
  const { moving } = await lockClock(em, organizationId);
  if (moving) throw stillMoving();
  await sql(em, 'update organizations set clock_now = $2 where id = $1', [organizationId, to.toISOString()]);
}

/** Wants a move forwards that does everything on its way. @throws Refusal 422 when the moment lies in the past. */
export async function advance(em: EntityManager, organizationId: string, to: Date): Promise<WantedAct> {
  const clock = await lockClock(em, organizationId);
  if (clock.moving) throw stillMoving();
  if (to < clock.clockNow) throw invalid({ frozen_time: ['cannot_be_in_past'] });
  return wantMove(em, organizationId, clock, 'advance', to);
}

/** Wants a run of everything that is due at the present frozen time. */
export async function runDue(em: EntityManager, organizationId: string): Promise<WantedAct> {
  const clock = await lockClock(em, organizationId);
  if (clock.moving) throw stillMoving();
  return wantMove(em, organizationId, clock, 'run', clock.clockNow);
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
  const act = clockAct({ organizationId, move, mode, target });
  await wantActs(em, [act], clockNow);
  return act;
}
