import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { ApplicationFailure } from '@temporalio/common';
import type { EntityManager } from '@mikro-orm/postgresql';
import { v7 } from 'uuid';
import { failFastUnlessTransient } from '../../../activities/failures.ts';
import {
  ActInsideTransaction,
  AlreadyDone,
  IdempotencyError,
  LeftEarly,
  NoNamedValue,
  NothingDeclared,
  OutsideAct,
  SameFactsTwice,
  declareFacts,
  idempotentAct,
  releaseFacts,
  rollBack,
  type Declared,
  type Done,
  type Resource,
} from '../../../activities/idempotency/idempotent-act.ts';
import { answerOnce } from '../../../activities/idempotency/answer-once.ts';
import type { Facts } from '../../../billing/idempotency/idempotency-key.ts';
import { notFound } from '../../../billing/refusal.ts';
import { BillableMetric } from '../../../db/entities/usage/billable-metric.ts';
import { scopedTo } from '../../../db/orm.ts';
import { sql } from '../../../db/sql.ts';
import { billingFixture, fixtureDatabase, type BillingFixture } from '../../support/billing-fixture.ts';
import { until } from '../../support/until.ts';
import { keptRefusal } from '../../../api/idempotency/kept-refusal.ts';

const answering = { keptRefusal, fault: () => undefined };

let database: Awaited<ReturnType<typeof fixtureDatabase>>;
let fixture: BillingFixture;

beforeAll(async () => {
  database = await fixtureDatabase();
});
beforeEach(async () => {
  fixture = await billingFixture(database.orm, '2026-01-01T00:00:00Z');
});
afterAll(() => database.close());

const NOW = new Date('2026-01-01T00:00:00Z');

/** An act of the fixture's organization. */
const act = <T>(work: (em: EntityManager) => Promise<Done<T> | typeof rollBack>, name = 'make_metric') =>
  idempotentAct(
    scopedTo(database.orm.em, fixture.organizationId),
    { name, organizationId: fixture.organizationId, now: NOW },
    work,
  );

/** Something to write, with a code that no unique index minds. */
async function makeMetric(em: EntityManager): Promise<Resource> {
  const metric = em.create(BillableMetric, {
    id: v7(),
    organizationId: fixture.organizationId,
    name: 'Made by an act',
    code: v7(),
    aggregationType: 'count_agg',
    createdAt: NOW,
    updatedAt: NOW,
  });
  await em.flush();
  return { type: 'BillableMetric', id: metric.id };
}

/** Makes a metric that these facts make unique. */
const makeOnce = (facts: Facts) =>
  act(async (em) => {
    const metric = await makeMetric(em);
    return declareFacts(metric, facts).done(metric.id);
  });

const made = () => fixture.em.fork().count(BillableMetric, { name: 'Made by an act' });

const records = () =>
  sql<{ act: string; facts: Record<string, string>; type: string | null; id: string | null }>(
    fixture.em.fork(),
    `select act, facts, resource_type as type, resource_id as id from idempotency_records where organization_id = $1
     order by created_at, resource_id`,
    [fixture.organizationId],
  );

/** The error, which there must be. */
const failureOf = async (promise: Promise<unknown>): Promise<unknown> =>
  promise.then(
    () => expect('an error').toBe('no error'),
    (error: unknown) => error,
  );

const FACTS = { id: '1', issuing_date: '2026-01-01' };

describe('an act', () => {
  test('commits its writes with one record, passes its value on, and is not done again (S001)', async () => {
    const first = await makeOnce(FACTS);
    expect(first).toEqual({ outcome: 'done', value: expect.any(String) });
    expect(await records()).toEqual([
      { act: 'make_metric', facts: FACTS, type: 'BillableMetric', id: (first as { value: string }).value },
    ]);
    await expect(makeOnce({ issuing_date: '2026-01-01', id: '1' })).rejects.toThrow(AlreadyDone);
    expect([await made(), (await records()).length]).toEqual([1, 1]);
    await makeOnce({ ...FACTS, id: '2' });
    expect([await made(), (await records()).length]).toEqual([2, 2]);
  });

  test('merges what is declared twice for one resource: the later value wins', async () => {
    const twice = () =>
      act(async (em) => {
        const metric = await makeMetric(em);
        declareFacts(metric, { v1: 'value1' });
        return declareFacts({ ...metric }, { v1: 'value2', v3: 'value3' }).done(null);
      });
    await twice();
    expect((await records()).map(({ facts }) => facts)).toEqual([{ v1: 'value2', v3: 'value3' }]);
    await expect(makeOnce({ v1: 'value2', v3: 'value3' })).rejects.toThrow(AlreadyDone);
    expect(await makeOnce({ v1: 'value1' })).toMatchObject({ outcome: 'done' });
  });

  test('writes a record for each resource, and one without a resource', async () => {
    await act(async (em) => {
      declareFacts(await makeMetric(em), { one: '1' });
      declareFacts(await makeMetric(em), { two: '2' });
      return declareFacts(null, { none: 5n }).done(undefined);
    });
    expect((await records()).map(({ facts, type }) => [facts, type])).toEqual([
      [{ one: '1' }, 'BillableMetric'],
      [{ two: '2' }, 'BillableMetric'],
      [{ none: '5' }, null],
    ]);
    // Any of them stops a second act, and all of that act goes.
    const partly = act(async (em) => {
      declareFacts(await makeMetric(em), { fresh: '1' });
      return declareFacts(await makeMetric(em), { none: '5' }).done(undefined);
    });
    await expect(partly).rejects.toThrow(AlreadyDone);
    expect([await made(), (await records()).length]).toEqual([2, 3]);
  });

  test('is another act for another name or another organization', async () => {
    await makeOnce(FACTS);
    const other = act(async (em) => declareFacts(await makeMetric(em), FACTS).done(1), 'other_act');
    expect(await other).toEqual({ outcome: 'done', value: 1 });
    const neighbour = await billingFixture(database.orm, '2026-01-01T00:00:00Z');
    const theirs = idempotentAct(
      neighbour.em,
      { name: 'make_metric', organizationId: neighbour.organizationId, now: NOW },
      () => Promise.resolve(declareFacts(null, FACTS).done(2)),
    );
    expect(await theirs).toEqual({ outcome: 'done', value: 2 });
  });

  test('commits once of 20 that run at the same time', async () => {
    let inside = 0;
    const outcomes = await Promise.allSettled(
      Array.from({ length: 20 }, () =>
        act(async (em) => {
          const metric = await makeMetric(em);
          // As many as the pool has connections are in their transactions together.
          inside += 1;
          await until(() => inside >= 10, 'ten acts run side by side');
          return declareFacts(metric, FACTS).done(metric.id);
        }),
      ),
    );
    const errors = outcomes.flatMap((outcome) => (outcome.status === 'rejected' ? [outcome.reason] : []));
    expect(errors).toHaveLength(19);
    expect(errors.every((error) => error instanceof AlreadyDone)).toBe(true);
    expect([await made(), (await records()).length]).toEqual([1, 1]);
  });

  test('does not hold up another that shares several facts in another order', async () => {
    const facts = ['a', 'b', 'c', 'd', 'e'];
    const outcomes = await Promise.allSettled(
      Array.from({ length: 12 }, (_, index) =>
        act(async (em) => {
          let declared: Declared | undefined;
          for (const value of index % 2 ? facts : facts.toReversed()) {
            declared = declareFacts(await makeMetric(em), { value });
          }
          return declared!.done(null);
        }),
      ),
    );
    const errors = outcomes.flatMap((outcome) => (outcome.status === 'rejected' ? [outcome.reason] : []));
    expect(errors.map((error: Error) => error.name)).toEqual(Array.from({ length: 11 }, () => 'AlreadyDone'));
    expect([await made(), (await records()).length]).toEqual([5, 5]);
  });
});

describe('a refused duplicate', () => {
  test('names the resource and the values that collided, in the failure that Temporal shows (S005)', async () => {
    const facts = {
      organization_id: fixture.organizationId,
      external_subscription_id: 'sub "1"',
      invoiced_usage: 150000n,
      threshold_amount: '1000.0',
    };
    const first = await makeOnce(facts);
    const error = await failureOf(makeOnce(facts));
    expect(error).toBeInstanceOf(AlreadyDone);
    expect(error).toMatchObject({
      resource: { type: 'BillableMetric', id: (first as { value: string }).value },
      facts: { ...facts, invoiced_usage: '150000' },
    });
    const failure = (await failureOf(failFastUnlessTransient(() => makeOnce(facts))())) as ApplicationFailure;
    expect(failure).toBeInstanceOf(ApplicationFailure);
    expect([failure.nonRetryable, failure.type]).toEqual([true, 'AlreadyDone']);
    for (const part of [
      `BillableMetric ${(first as { value: string }).value}`,
      `organization_id="${fixture.organizationId}"`,
      String.raw`external_subscription_id="sub \"1\""`,
      'invoiced_usage="150000"',
      'threshold_amount="1000.0"',
    ]) {
      expect(failure.message).toContain(part);
    }
  });

  test('may have no resource', async () => {
    const withoutResource = () => act(() => Promise.resolve(declareFacts(null, FACTS).done(1)));
    await withoutResource();
    expect(await failureOf(withoutResource())).toMatchObject({ resource: null, facts: FACTS });
  });
});

describe('wrong use (S003)', () => {
  /** After each error the connection is clean. */
  const nothingWasWritten = async () => {
    expect([await made(), await records()]).toEqual([0, []]);
    expect(await makeOnce({ after: 'the error' })).toMatchObject({ outcome: 'done' });
    expect(() => declareFacts(null, FACTS)).toThrow(OutsideAct);
  };

  test.each<[string, new (message: string) => Error, () => Promise<unknown>]>([
    [
      'no fact declared',
      NothingDeclared,
      () =>
        act(async (em) => {
          await makeMetric(em);
          return undefined as never;
        }),
    ],
    [
      'a declaration without any named value',
      NoNamedValue,
      () => act(async (em) => declareFacts(await makeMetric(em), {}).done(null)),
    ],
    ['a declaration outside an act', OutsideAct, async () => Promise.resolve(declareFacts(null, FACTS))],
    [
      'an act in an open transaction',
      ActInsideTransaction,
      () =>
        scopedTo(database.orm.em, fixture.organizationId).transactional(async (em) => {
          await makeMetric(em);
          const { organizationId } = fixture;
          await idempotentAct(em, { name: 'inner', organizationId, now: NOW }, () =>
            Promise.resolve(declareFacts(null, FACTS).done(null)),
          );
        }),
    ],
    [
      'an act beside an open transaction of the same chain of calls',
      ActInsideTransaction,
      () =>
        scopedTo(database.orm.em, fixture.organizationId).transactional(async (em) => {
          await makeMetric(em);
          await makeOnce(FACTS);
        }),
    ],
    [
      'an act in a transaction that was begun by hand',
      ActInsideTransaction,
      async () => {
        const em = scopedTo(database.orm.em, fixture.organizationId).fork();
        await em.begin();
        try {
          const { organizationId } = fixture;
          await idempotentAct(em, { name: 'inner', organizationId, now: NOW }, () =>
            Promise.resolve(declareFacts(null, FACTS).done(null)),
          );
        } finally {
          await em.rollback();
        }
      },
    ],
    [
      'two resources with the same facts',
      SameFactsTwice,
      () =>
        act(async (em) => {
          declareFacts(await makeMetric(em), FACTS);
          return declareFacts(await makeMetric(em), FACTS).done(null);
        }),
    ],
    [
      'a text that UTF-8 cannot tell from others',
      RangeError,
      () => act(async (em) => declareFacts(await makeMetric(em), { half: '\uD800' }).done(null)),
    ],
  ])('%s is an error, and nothing is written', async (_, type, misuse) => {
    const failure = await failureOf(misuse());
    expect(failure).toBeInstanceOf(type);
    await nothingWasWritten();
    const temporal = (await failureOf(failFastUnlessTransient(misuse)())) as ApplicationFailure;
    expect([temporal.nonRetryable, temporal.type]).toEqual([true, type.name]);
  });

  test('a refused inner act leaves the declarations of the outer one alone', async () => {
    const outcome = await act(async (em) => {
      const metric = await makeMetric(em);
      declareFacts(metric, { outer: '1' });
      await expect(makeOnce({ inner: '1' })).rejects.toThrow(ActInsideTransaction);
      return declareFacts(metric, { more: '2' }).done('outer');
    });
    expect(outcome).toEqual({ outcome: 'done', value: 'outer' });
    expect((await records()).map(({ facts }) => facts)).toEqual([{ outer: '1', more: '2' }]);
  });

  test('acts that run side by side do not see each other', async () => {
    let inside = 0;
    const one = (name: string) =>
      act(async (em) => {
        const metric = await makeMetric(em);
        declareFacts(metric, { name });
        inside += 1;
        await until(() => inside === 3, 'three acts run side by side');
        return declareFacts(metric, { again: name }).done(name);
      });
    expect(await Promise.all(['a', 'b', 'c'].map(one))).toEqual(
      ['a', 'b', 'c'].map((value) => ({ outcome: 'done', value })),
    );
    const facts = (await records()).map((record) => record.facts);
    expect(facts.toSorted((x, y) => (x['name']! < y['name']! ? -1 : 1))).toEqual(
      ['a', 'b', 'c'].map((name) => ({ name, again: name })),
    );
  });

  test('what an act has begun and left behind cannot declare any more', async () => {
    const begun = Promise.withResolvers<void>();
    let late: Promise<unknown> | undefined;
    await act(async (em) => {
      late = begun.promise.then(() => declareFacts(null, { late: '1' }));
      return declareFacts(await makeMetric(em), FACTS).done(null);
    });
    begun.resolve();
    await expect(late).rejects.toThrow(OutsideAct);
  });
});

describe('leaving an act (S004)', () => {
  test('early is an error, and nothing is written', async () => {
    const early = act(async (em) => {
      declareFacts(await makeMetric(em), FACTS);
      return undefined as never;
    });
    await expect(early).rejects.toThrow(LeftEarly);
    expect([await made(), await records()]).toEqual([0, []]);
  });

  test('with the end of another act is leaving it early', async () => {
    let foreign: Done<string> | undefined;
    await act(() => {
      foreign = declareFacts(null, { first: '1' }).done('first');
      return Promise.resolve(foreign);
    });
    const stolen = act(async (em) => {
      declareFacts(await makeMetric(em), FACTS);
      return foreign!;
    });
    await expect(stolen).rejects.toThrow(LeftEarly);
    expect(await made()).toBe(0);
  });

  test('by a deliberate rollback writes nothing and is no error', async () => {
    const outcome = await act(async (em) => {
      declareFacts(await makeMetric(em), FACTS);
      return rollBack;
    });
    expect(outcome).toEqual({ outcome: 'rolled_back' });
    expect([await made(), await records()]).toEqual([0, []]);
    expect(await makeOnce(FACTS)).toMatchObject({ outcome: 'done' });
  });

  test('by an error passes it on unchanged, writes nothing and clears the context', async () => {
    const cause = new Error('Test error');
    const failing = act(async (em) => {
      declareFacts(await makeMetric(em), FACTS);
      throw cause;
    });
    expect(await failureOf(failing)).toBe(cause);
    expect([await made(), await records()]).toEqual([0, []]);
    expect(() => declareFacts(null, FACTS)).toThrow(OutsideAct);
    expect(await makeOnce(FACTS)).toMatchObject({ outcome: 'done' });
  });

  test('by a connection that breaks off writes nothing', async () => {
    const cut = act(async (em) => {
      const metric = await makeMetric(em);
      declareFacts(metric, FACTS);
      await sql(em, 'select pg_terminate_backend(pg_backend_pid())');
      return declareFacts(metric, FACTS).done(null);
    });
    const error = await failureOf(cut);
    expect(error).not.toBeInstanceOf(IdempotencyError);
    expect([await made(), await records()]).toEqual([0, []]);
    expect(await makeOnce(FACTS)).toMatchObject({ outcome: 'done' });
  });
});

describe('released facts', () => {
  test('can be used again, once what they stood for is undone', async () => {
    const { value } = (await makeOnce(FACTS)) as { value: string };
    const resource = { type: 'BillableMetric', id: value };
    await makeOnce({ other: '1' });
    await expect(makeOnce(FACTS)).rejects.toThrow(AlreadyDone);
    // A transaction that undoes nothing releases nothing.
    const failing = fixture.em.fork().transactional(async (em) => {
      await releaseFacts(em, fixture.organizationId, resource);
      throw new Error('the void failed');
    });
    await expect(failing).rejects.toThrow('the void failed');
    await expect(makeOnce(FACTS)).rejects.toThrow(AlreadyDone);
    expect(await fixture.em.fork().transactional((em) => releaseFacts(em, fixture.organizationId, resource))).toBe(1);
    expect(await makeOnce(FACTS)).toMatchObject({ outcome: 'done' });
    await expect(makeOnce(FACTS)).rejects.toThrow(AlreadyDone);
    await expect(makeOnce({ other: '1' })).rejects.toThrow(AlreadyDone);
  });

  test("are one's own: not those of another organization or another resource", async () => {
    const { value } = (await makeOnce(FACTS)) as { value: string };
    expect(await releaseFacts(fixture.em.fork(), v7(), { type: 'BillableMetric', id: value })).toBe(0);
    expect(await releaseFacts(fixture.em.fork(), fixture.organizationId, { type: 'Invoice', id: value })).toBe(0);
    expect(await records()).toHaveLength(1);
  });
});

describe('an act of a request with an Idempotency-Key', () => {
  const request = (key = 'key') => ({
    organizationId: fixture.organizationId,
    key,
    fingerprint: Buffer.from(key),
    sealedWith: null,
  });
  const answer = (body: string) => ({ status: 200, body, workflowId: null });
  const inside = (em: EntityManager, facts: Facts) =>
    idempotentAct(
      em,
      { name: 'make_metric', organizationId: fixture.organizationId, now: NOW },
      async (transaction) => {
        const metric = await makeMetric(transaction);
        return declareFacts(metric, facts).done(metric.id);
      },
    );
  const scoped = () => scopedTo(database.orm.em, fixture.organizationId);

  test('is a part of it: its writes, its record and the answer commit together', async () => {
    const work = async (em: EntityManager) => {
      const { outcome } = await inside(em, FACTS);
      return answer(outcome);
    };
    const dies = (place: string) => {
      if (place === 'request:before-commit') throw new Error('the end of the process');
    };
    await expect(answerOnce(scoped(), request(), { ...answering, fault: dies }, work)).rejects.toThrow(
      'the end of the process',
    );
    expect([await made(), await records()]).toEqual([0, []]);
    expect(await answerOnce(scoped(), request(), answering, work)).toEqual({
      repeated: false,
      given: answer('done'),
    });
    expect((await answerOnce(scoped(), request(), answering, work)).repeated).toBe(true);
    expect([await made(), (await records()).length]).toEqual([1, 1]);
    await expect(makeOnce(FACTS)).rejects.toThrow(AlreadyDone);
  });

  test('that was done already, or takes itself back, leaves nothing, and what else the request does stays', async () => {
    await makeOnce(FACTS);
    const given = await answerOnce(scoped(), request(), answering, async (em) => {
      await makeMetric(em);
      await expect(inside(em, FACTS)).rejects.toThrow(AlreadyDone);
      const taken = await idempotentAct(
        em,
        { name: 'make_metric', organizationId: fixture.organizationId, now: NOW },
        async (transaction) => {
          declareFacts(await makeMetric(transaction), { taken: 'back' });
          return rollBack;
        },
      );
      expect(taken).toEqual({ outcome: 'rolled_back' });
      await inside(em, { another: '1' });
      return answer('all of it');
    });
    expect(given).toEqual({ repeated: false, given: answer('all of it') });
    expect([await made(), (await records()).length]).toEqual([3, 2]);
  });

  test('goes with a refusal of the request', async () => {
    const given = await answerOnce(scoped(), request(), answering, async (em) => {
      await inside(em, FACTS);
      throw notFound('plan');
    });
    expect(given.given.status).toBe(404);
    expect([await made(), await records()]).toEqual([0, []]);
    expect(await makeOnce(FACTS)).toMatchObject({ outcome: 'done' });
  });

  test('is refused within a transaction or an act that the handler has opened, as without a key', async () => {
    await answerOnce(scoped(), request(), answering, async (em) => {
      await em.transactional(async (inner) => {
        for (const one of [em, inner]) await expect(inside(one, FACTS)).rejects.toThrow(ActInsideTransaction);
      });
      const outer = await idempotentAct(
        em,
        { name: 'make_metric', organizationId: fixture.organizationId, now: NOW },
        async (transaction) => {
          const metric = await makeMetric(transaction);
          for (const one of [em, transaction]) await expect(inside(one, FACTS)).rejects.toThrow(ActInsideTransaction);
          return declareFacts(metric, { outer: '1' }).done('outer');
        },
      );
      return answer(outer.outcome);
    });
    expect((await records()).map(({ facts }) => facts)).toEqual([{ outer: '1' }]);
  });
});
