// What the states of an act allow: each statement of `db/acts/` that takes, wakes or lays down acts leaves those alone
// that somebody else has, or that are done.
import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import type { MikroORM } from '@mikro-orm/postgresql';
import { MockActivityEnvironment } from '@temporalio/testing';
import { v7 } from 'uuid';
import { healOverdueActs } from '../../../activities/acts/heal-overdue-acts.ts';
import { refreshAct } from '../../../activities/invoices/refresh-act.ts';
import { bringActsForward, makeDueNow } from '../../../db/acts/bring-forward.ts';
import { failActs, finishActs } from '../../../db/acts/finish-acts.ts';
import { succeedActs } from '../../../db/acts/succeed-acts.ts';
import { markWaitingUntil } from '../../../db/acts/lanes.ts';
import { leaseWantedActs, markStarted, releaseActs } from '../../../db/acts/lease.ts';
import { replanActs } from '../../../db/acts/replan-acts.ts';
import { wakeAct, wakeActs } from '../../../db/acts/wake-acts.ts';
import { wantActs, wantActsAgain } from '../../../db/acts/want-acts.ts';
import type { WantedAct } from '../../../db/acts/act.ts';
import type { ActState, ActVerb } from '../../../db/entities/acts/act.ts';
import { sql } from '../../../db/sql.ts';
import { billingFixture, fixtureDatabase, type BillingFixture } from '../../support/billing-fixture.ts';

let database: Awaited<ReturnType<typeof fixtureDatabase>>;
let fixture: BillingFixture;

beforeAll(async () => {
  database = await fixtureDatabase();
});
beforeEach(async () => {
  await sql(database.orm.em.fork(), 'delete from acts');
  fixture = await billingFixture(database.orm, '2023-01-15T10:00:00Z');
});
afterAll(() => database.close());

const NOW = new Date('2023-01-15T10:00:00Z');
const em = () => database.orm.em.fork();
const statement = (text: string, parameters: readonly unknown[] = []) => sql(em(), text, parameters);

const anAct = (attributes: Partial<WantedAct> = {}): WantedAct => {
  const { organizationId } = fixture;
  return { ...refreshAct({ organizationId, customerId: v7(), invoiceId: v7() }), ...attributes };
};

/** An act that came into a state some minutes ago. */
async function actIn(state: ActState, attributes: Partial<WantedAct> = {}, minutes = 60): Promise<WantedAct> {
  const act = anAct(attributes);
  await wantActs(em(), [act], NOW, { startedBy: 'dispatcher' });
  await statement(
    `update acts set state = $2, changed_at = clock_timestamp() - make_interval(mins => $3) where id = $1`,
    [act.id, state, minutes],
  );
  return act;
}

async function stateOf({ id }: WantedAct): Promise<{ state: ActState; verb: ActVerb }> {
  const [row] = await sql<{ state: ActState; verb: ActVerb }>(em(), 'select state, verb from acts where id = $1', [id]);
  return row!;
}

const lease = () => leaseWantedActs(em(), NOW, 10);
const leased = async () => (await lease()).map(({ id }) => id);

describe('a lease', () => {
  test('gives an act to one of all who ask, until it is given back', async () => {
    const { id } = await actIn('wanted');
    expect(await leased()).toEqual([id]);
    expect(await leased()).toEqual([]);
    await releaseActs(em(), [id], 0);
    expect(await leased()).toEqual([id]);
  });

  test('passes over what somebody is just taking, and does not wait for it', async () => {
    const [held, free] = [await actIn('wanted'), await actIn('wanted')];
    await em().transactional(async (holder) => {
      await sql(holder, 'select 1 from acts where id = $1 for update', [held.id]);
      const taken = await em().transactional(async (taker) => {
        await sql(taker, `set local lock_timeout = '1s'`);
        return leaseWantedActs(taker, NOW, 10);
      });
      expect(taken.map(({ id }) => id)).toEqual([free.id]);
    });
  });

  test('is for what is wanted, and no other state', async () => {
    for (const state of ['waiting', 'working', 'done', 'failed'] as const) await actIn(state);
    expect(await leased()).toEqual([]);
  });
});

describe('an act that its workflow has moved on meanwhile', () => {
  test.each(['waiting', 'working', 'done', 'failed'] as const)(
    'is not set back by who notes its start: %s',
    async (state) => {
      const act = await actIn(state);
      await statement('update acts set leased_until = clock_timestamp() where id = $1', [act.id]);
      await markStarted(em(), [act]);
      expect(await stateOf(act)).toMatchObject({ state });
    },
  );

  test('is working once its start is noted, or waiting for its moment', async () => {
    const [now, later] = [await actIn('wanted'), await actIn('wanted', { dueAt: new Date('2023-02-01T00:00:00Z') })];
    await markStarted(em(), await lease());
    expect(await stateOf(now)).toMatchObject({ state: 'working' });
    expect(await stateOf(later)).toMatchObject({ state: 'waiting' });
  });

  const SOONER = new Date('2023-01-20T00:00:00Z');
  const LATER = new Date('2023-02-01T00:00:00Z');
  const replanned = (act: WantedAct, dueAt: Date) => replanActs(em(), [{ ...act, dueAt }]);
  const waits = { argument: { frozen: false }, dueAt: LATER };

  test.each<[string, (act: WantedAct) => Promise<unknown>]>([
    ['woken', (act) => wakeActs(em(), [act.id])],
    ['moved to an earlier moment', (act) => replanned(act, SOONER)],
  ])(
    'while its start is under way is told to look again, though that is noted afterwards: %s',
    async (_about, change) => {
      const act = await actIn('wanted', waits);
      const underWay = await lease();
      await change(act);
      // By the dispatcher, and by its writer, who has the lease that came with it.
      for (const noted of [underWay, [act]]) {
        expect(noted).toHaveLength(1);
        await markStarted(em(), noted);
        expect(await stateOf(act)).toEqual({ state: 'wanted', verb: 'signal' });
      }
      const told = await lease();
      expect(told).toMatchObject([{ id: act.id, verb: 'signal' }]);
      await markStarted(em(), told);
      expect(await stateOf(act)).toEqual({ state: 'working', verb: 'start' });
    },
  );

  test.each<[string, (act: WantedAct) => Promise<unknown>]>([
    ['woken', (act) => wakeAct(em(), act.organizationId, act.id)],
    ['due now', (act) => makeDueNow(em(), act.organizationId, act.id)],
    ['brought forward', (act) => bringActsForward(em(), [act.id], NOW)],
  ])('while its start is under way is left to somebody who tells it: %s', async (_about, change) => {
    const act = await actIn('wanted', waits);
    const underWay = await lease();
    await change(act);
    await markStarted(em(), underWay);
    expect(await stateOf(act)).toEqual({ state: 'wanted', verb: 'signal' });
  });

  test('while it is being told to look is told again', async () => {
    const act = await actIn('wanted', waits);
    await wakeActs(em(), [act.id]);
    const first = await lease();
    await wakeActs(em(), [act.id]);
    await markStarted(em(), first);
    expect(await lease()).toMatchObject([{ id: act.id, verb: 'signal' }]);
  });

  test('to a later moment while it is being started is only noted, since it finds that when it wakes', async () => {
    const act = await actIn('wanted', { ...waits, dueAt: SOONER });
    const underWay = await lease();
    await replanned(act, LATER);
    await markStarted(em(), underWay);
    expect(await stateOf(act)).toEqual({ state: 'waiting', verb: 'start' });
  });

  test('and that its writer starts is noted by the lease that came with it', async () => {
    const act = anAct(waits);
    await wantActs(em(), [act], NOW);
    await markStarted(em(), [act]);
    expect(await stateOf(act)).toEqual({ state: 'waiting', verb: 'start' });
  });

  test.each([
    ['wanted', 'start'],
    ['waiting', 'signal'],
    ['working', 'start'],
    ['done', 'signal'],
    ['failed', 'signal'],
  ] as const)('wanted again while it is %s: %s', async (state, verb) => {
    const act = await actIn(state);
    await statement(`update acts set leased_until = 'infinity' where id = $1`, [act.id]);
    await wantActsAgain(em(), [act], NOW, { startedBy: 'dispatcher' });
    const isLeft = verb === 'start';
    expect(await stateOf(act)).toEqual({ state: isLeft ? state : 'wanted', verb });
    const [row] = await sql<{ leased: boolean }>(
      em(),
      'select leased_until is not null as leased from acts where id = $1',
      [act.id],
    );
    expect(row).toEqual({ leased: isLeft });
  });

  test.each([
    ['working', 'done', 'waiting'],
    ['wanted', 'wanted', 'wanted'],
    ['failed', 'failed', 'failed'],
  ] as const)('laid down while it is %s it becomes %s, or with a moment %s', async (state, ended, later) => {
    const [one, other] = [await actIn(state), await actIn(state)];
    await markWaitingUntil(em(), one.id, null);
    await markWaitingUntil(em(), other.id, new Date('2023-02-01T00:00:00Z'));
    expect(await stateOf(one)).toMatchObject({ state: ended });
    expect(await stateOf(other)).toMatchObject({ state: later });
  });

  test.each([
    ['wanted', 'wanted'],
    ['waiting', 'wanted'],
    ['working', 'working'],
    ['done', 'done'],
    ['failed', 'failed'],
  ] as const)('woken while it is %s it is %s', async (state, woken) => {
    const act = await actIn(state);
    await wakeActs(em(), [act.id]);
    expect(await stateOf(act)).toMatchObject({ state: woken });
  });
});

describe('an act that somebody asks for', () => {
  const LATER = new Date('2023-02-01T00:00:00Z');
  const dueOf = async ({ id }: WantedAct) => {
    const [row] = await sql<{ due: string | null }>(
      em(),
      `select to_char(due_at at time zone 'UTC', 'YYYY-MM-DD') as due from acts where id = $1`,
      [id],
    );
    return row;
  };
  const dueLater = { dueAt: LATER };

  test.each([
    ['wanted', true],
    ['waiting', true],
    ['working', true],
    ['failed', true],
    ['done', null],
  ] as const)('hastened while it is %s: done at once, first of all: %s', async (state, isFirst) => {
    const act = await actIn(state, dueLater);
    const hastened = await makeDueNow(em(), fixture.organizationId, act.id);
    expect(hastened?.isFirst ?? null).toBe(isFirst);
    expect(await stateOf(act)).toMatchObject({ state: isFirst === null ? 'done' : 'wanted' });
    expect((await dueOf(act))?.due ?? null).toBe(isFirst === null ? '2023-02-01' : null);
  });

  test.each(['wanted', 'working'] as const)('hastened again while it is %s is the same', async (state) => {
    const act = await actIn(state);
    expect(await makeDueNow(em(), fixture.organizationId, act.id)).toMatchObject({
      act: { id: act.id },
      isFirst: false,
    });
    expect(await stateOf(act)).toEqual({ state, verb: 'start' });
  });

  test.each([
    ['wanted', 'wanted'],
    ['waiting', 'wanted'],
    ['working', 'working'],
    ['done', 'done'],
    ['failed', 'failed'],
  ] as const)('brought forward while it is %s it is %s', async (state, then) => {
    const act = await actIn(state, dueLater);
    const isMoved = state !== 'done' && state !== 'failed';
    expect(await bringActsForward(em(), [act.id], NOW)).toHaveLength(isMoved ? 1 : 0);
    expect(await stateOf(act)).toMatchObject({ state: then });
    const day = isMoved ? '2023-01-15' : '2023-02-01';
    expect(await dueOf(act)).toEqual({ due: day });
  });

  test('brought forward never becomes later', async () => {
    const early = new Date('2023-01-10T00:00:00Z');
    const act = await actIn('waiting', { dueAt: early, argument: { dueAt: early.toISOString() } });
    await bringActsForward(em(), [act.id], NOW);
    expect(await dueOf(act)).toEqual({ due: '2023-01-10' });
  });
});

describe('an act that is done', () => {
  const invoiceOf = async ({ id }: WantedAct) => {
    const [row] = await sql<{ invoice: string }>(em(), 'select invoice_id as invoice from acts where id = $1', [id]);
    return row?.invoice;
  };

  test('stays done, with what it has made, whoever ends it or fails afterwards', async () => {
    const act = await actIn('working');
    const [mine, another] = [v7(), v7()];
    await finishActs(em(), [act.id], mine);
    await finishActs(em(), [act.id], another);
    expect([await stateOf(act), await invoiceOf(act)]).toMatchObject([{ state: 'done' }, mine]);
    await failActs(em(), [act.id], 'too late', another);
    expect([await stateOf(act), await invoiceOf(act)]).toMatchObject([{ state: 'done' }, mine]);
    await succeedActs(em(), [{ id: act.id, invoiceId: another }], [], { by: 'other', now: NOW });
    expect(await invoiceOf(act)).toBe(mine);
  });

  test('and one that works is not given back by who could not start it', async () => {
    for (const state of ['working', 'done'] as const) {
      const act = await actIn(state);
      await releaseActs(em(), [act.id], 60_000);
      const [row] = await sql<{ leased: string | null }>(
        em(),
        'select leased_until as leased from acts where id = $1',
        [act.id],
      );
      expect(row).toEqual({ leased: null });
    }
  });
});

describe('the watchdog', () => {
  const heal = () => new MockActivityEnvironment().run(() => healOverdueActs(fixture.dependencies));
  const live = () => statement('update organizations set clock_now = null where id = $1', [fixture.organizationId]);
  const minutesAgo = (minutes: number): Date => new Date(NOW.getTime() - minutes * 60_000);

  test('tells an act again that is overdue in real time', async () => {
    await live();
    const act = await actIn('waiting', { dueAt: minutesAgo(3) });
    expect(await heal()).toBe(1);
    expect(await stateOf(act)).toEqual({ state: 'wanted', verb: 'signal' });
  });

  test('tells work again that nobody has moved, on a test clock too', async () => {
    const act = await actIn('working', { dueAt: minutesAgo(0) });
    expect(await heal()).toBe(1);
    expect(await stateOf(act)).toEqual({ state: 'wanted', verb: 'signal' });
  });

  test.each([
    ['is due within the grace', 'waiting', 1, 60],
    ['is due later', 'waiting', -60, 60],
    ['has been told just now', 'waiting', 3, 0],
    ['has been taken up just now', 'working', 3, 0],
    ['is done', 'done', 3, 60],
    ['has failed', 'failed', 3, 60],
    ['is still to be started: that is the dispatcher’s', 'wanted', 3, 60],
  ] as const)('leaves alone what %s', async (_, state, dueAgo, changedAgo) => {
    await live();
    await actIn(state, { dueAt: minutesAgo(dueAgo) }, changedAgo);
    expect(await heal()).toBe(0);
  });

  test('leaves what waits for a test clock to that clock, unless it runs beside it', async () => {
    await actIn('waiting', { dueAt: minutesAgo(3) });
    expect(await heal()).toBe(0);
    await actIn('waiting', { dueAt: minutesAgo(3), runsInRealTime: true });
    expect(await heal()).toBe(1);
  });

  test('passes over what is just being changed, and does not wait for it', async () => {
    const [held, free] = [await actIn('working'), await actIn('working')];
    await em().transactional(async (holder) => {
      await sql(holder, 'select 1 from acts where id = $1 for update', [held.id]);
      const healed = await em().transactional(async (watchdog) => {
        await sql(watchdog, `set local lock_timeout = '1s'`);
        const orm = { em: { fork: () => watchdog } } as unknown as MikroORM;
        return new MockActivityEnvironment().run(() => healOverdueActs({ ...fixture.dependencies, orm }));
      });
      expect(healed).toBe(1);
    });
    expect(await stateOf(free)).toMatchObject({ state: 'wanted' });
    expect(await stateOf(held)).toMatchObject({ state: 'working' });
  });
});
