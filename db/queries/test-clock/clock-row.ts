import type { EntityManager } from '@mikro-orm/postgresql';
import { instantOf, sql } from '../../sql.ts';

/** An organization's clock as it stays until the end of the transaction. */
export interface ClockRow {
  /** null: it is live, its clock is real time. */
  readonly clockNow: Date | null;
  /** How often it was moved. */
  readonly moves: number;
}

/** Holds the clock: a move takes its turns under the same lock. */
export async function lockClockRow(em: EntityManager, organizationId: string): Promise<ClockRow> {
  const [row] = await sql<{ clockNow: string | null; moves: number }>(
    em,
    `select clock_now as "clockNow", clock_moves as moves from organizations where id = $1 for no key update`,
    [organizationId],
  );
  return { clockNow: instantOf(row?.clockNow ?? null), moves: row?.moves ?? 0 };
}

export async function setClock(em: EntityManager, organizationId: string, to: Date): Promise<void> {
  await sql(em, 'update organizations set clock_now = $2 where id = $1', [organizationId, to.toISOString()]);
}

/** @param moves names the next move's workflow. */
export async function setClockMoves(em: EntityManager, organizationId: string, moves: number): Promise<void> {
  await sql(em, 'update organizations set clock_moves = $2 where id = $1', [organizationId, moves]);
}

/** Holds the clock without reading it. */
export async function holdClockRow(em: EntityManager, organizationId: string): Promise<void> {
  await sql(em, 'select 1 from organizations where id = $1 for no key update', [organizationId]);
}

/** Sets the clock to a moment that it has not passed yet; never backwards. */
export async function setClockForwards(em: EntityManager, organizationId: string, to: Date): Promise<void> {
  await sql(em, 'update organizations set clock_now = greatest(clock_now, $2::timestamptz) where id = $1', [
    organizationId,
    to.toISOString(),
  ]);
}
