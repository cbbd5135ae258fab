import { activityInfo, heartbeat, sleep } from '@temporalio/activity';
import type { EntityManager } from '@mikro-orm/postgresql';
import { finishActs } from '../../db/acts/finish-acts.ts';
import { startableActs, type StartableAct } from '../../db/acts/act.ts';
import { sql } from '../../db/sql.ts';
import type { ActivityDependencies } from '../dependencies.ts';
import type { MoveTestClockArgument } from './move-test-clock-act.ts';

/** Waits between looks at work that was woken, growing from the first to the last. */
const LOOK_EVERY_MS = [5, 10, 20, 40, 80];

/** Work that has not moved for so long is woken again: a wake-up can be lost with Temporal's store. */
const WAKE_AGAIN_AFTER_MS = 5000;

/** An activity of its own after so long keeps each one far below its time limit. */
const TURN_MS = 60_000;

type Turn =
  | { readonly kind: 'finished' }
  | { readonly kind: 'woken'; readonly acts: readonly StartableAct[] }
  | { readonly kind: 'working'; readonly open: number };

/**
 * Moves a test clock towards its target: goes to the next due moment, wakes what is due there, waits until it is done, and so
 * on. Everything that it must remember is in the database, so it goes on after any crash, and ends where somebody else has put its
 * target (`endMove`).
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
    const turn = await em.transactional((inner) => takeTurn(inner, argument));
    if (turn.kind === 'finished') return 'finished';
    const now = realTime().getTime();
    if (turn.kind === 'woken') {
      fault('clock:after-turn');
      await starter.wake(turn.acts);
      [looks, open, movedAt] = [0, Number.POSITIVE_INFINITY, realTime().getTime()];
      continue;
    }
    if (turn.open < open) [open, movedAt] = [turn.open, now];
    if (now - movedAt > WAKE_AGAIN_AFTER_MS) {
      await wakeWorking(dependencies, argument.organizationId);
      movedAt = realTime().getTime();
    }
    if (now - startedAt > TURN_MS) return 'more';
    await sleep(LOOK_EVERY_MS[Math.min(looks++, LOOK_EVERY_MS.length - 1)] ?? 80);
  }
}

/** One step, under a lock of the organization's row: nobody else moves its clock. */
async function takeTurn(em: EntityManager, argument: MoveTestClockArgument): Promise<Turn> {
  const { organizationId, actId, mode } = argument;
  await sql(em, 'select 1 from organizations where id = $1 for no key update', [organizationId]);
  const [move] = await sql<{ target: string }>(
    em,
    `select argument->>'target' as target from acts where id = $1 and organization_id = $2 and state <> 'done'`,
    [actId, organizationId],
  );
  // Ended before it had begun.
  if (!move) return { kind: 'finished' };
  const [working] = await sql<{ open: string }>(
    em,
    `select count(*) as open from acts
     where organization_id = $1 and id <> $2 and not aside
       and (state = 'working' or (state = 'wanted' and due_at is null))`,
    [organizationId, actId],
  );
  const open = Number(working?.open);
  if (open > 0) return { kind: 'working', open };
  const acts = await startableActs(
    em,
    (columns) => `with first as (
       select due_at, rank from acts
       where organization_id = $1 and state in ('wanted', 'waiting') and not aside and due_at <= $2::timestamptz
       order by due_at, rank limit 1)
     update acts set state = 'working', leased_until = null, changed_at = clock_timestamp()
     from first
     where acts.organization_id = $1 and acts.state in ('wanted', 'waiting') and not acts.aside
       and acts.due_at = first.due_at and acts.rank = first.rank
     returning ${columns}`,
    [organizationId, move.target],
  );
  const moment = acts[0]?.dueAt;
  if (mode === 'advance') {
    await sql(em, 'update organizations set clock_now = greatest(clock_now, $2::timestamptz) where id = $1', [
      organizationId,
      moment?.toISOString() ?? move.target,
    ]);
  }
  if (moment) {
    await sql(
      em,
      `update acts set argument = argument || jsonb_build_object('moment', $2::text), changed_at = clock_timestamp() where id = $1`,
      [actId, moment.toISOString()],
    );
    return { kind: 'woken', acts };
  }
  await finishActs(em, [actId]);
  return { kind: 'finished' };
}

async function wakeWorking({ orm, starter }: ActivityDependencies, organizationId: string): Promise<void> {
  const acts = await startableActs(
    orm.em.fork(),
    (columns) => `select ${columns} from acts
     where organization_id = $1 and state = 'working' and not aside and due_at is not null`,
    [organizationId],
  );
  await starter.wake(acts);
}
