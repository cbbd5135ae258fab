// The acts at the two ends of a subscription, each of their guards by itself: the others are taken away by hand.
import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { activateSubscription } from '../../../activities/subscriptions/activate-subscription.ts';
import { billOwnInvoice } from '../../../activities/subscriptions/bill-own-invoice.ts';
import { activityDependencies } from '../../support/activity-dependencies.ts';
import { actsByHand, type ActsByHand } from '../../support/acts-by-hand.ts';
import { textAt, listeningApp, type Caller, type ListeningApp } from '../api/listening-app.ts';

let app: ListeningApp;
let caller: Caller;
let acts: ActsByHand;

beforeAll(async () => {
  app = await listeningApp();
});
beforeEach(async () => {
  caller = await app.organization();
  acts = actsByHand(app.orm, caller.organizationId);
});
afterAll(() => app.close());

const plan = (payInAdvance: boolean) =>
  caller.ok('POST', '/plans', {
    plan: {
      name: 'Plan',
      code: 'p',
      interval: 'monthly',
      amount_cents: 3100,
      amount_currency: 'EUR',
      pay_in_advance: payInAdvance,
    },
  });

/** @returns the subscription's id. */
const subscribe = async (attributes: object = {}): Promise<string> =>
  textAt(
    await caller.ok('POST', '/subscriptions', {
      subscription: { external_customer_id: 'c1', external_id: 's1', plan_code: 'p', ...attributes },
    }),
    'subscription.lago_id',
  );

const clock = (now: string) =>
  app.rows('update organizations set clock_now = $2 where id = $1', [caller.organizationId, now]);

/** Moves no clock: what an activity does at this moment. */
const dependencies = () => activityDependencies(app.orm, () => new Date(0));

async function actOf(kind: string): Promise<{ id: string; state: string; due: string | null; argument: never }> {
  const [act] = await app.rows<{ id: string; state: string; due: string | null; argument: never }>(
    `select id, state, to_char(due_at at time zone 'UTC', 'YYYY-MM-DD HH24:MI') as due, argument from acts
     where organization_id = $1 and kind = $2`,
    [caller.organizationId, kind],
  );
  return act!;
}

const invoices = () =>
  app.rows<{ id: string; reason: string; total: string }>(
    `select invoices.id, row.invoicing_reason as reason, invoices.total_amount_cents as total
     from invoices join invoice_subscriptions row on row.invoice_id = invoices.id
     where invoices.organization_id = $1 order by invoices.created_at, invoices.id`,
    [caller.organizationId],
  );

describe('a first invoice', () => {
  const billAgain = async () => billOwnInvoice(dependencies(), (await actOf('start')).argument);

  beforeEach(async () => {
    await acts.run('2024-03-15T10:00:00Z');
    await plan(true);
    await subscribe();
    await acts.run('2024-03-15T10:00:00Z');
  });

  test('is held by the act alone, when its lines say nothing of it', async () => {
    await app.rows(
      `update invoice_subscriptions set invoicing_reason = 'subscription_periodic' where organization_id = $1`,
      [caller.organizationId],
    );
    expect(await billAgain()).toEqual({ outcome: 'already_done' });
    expect(await invoices()).toMatchObject([{ total: '1700' }]);
  });

  test('is held by its line alone, when the act says that nothing was done', async () => {
    const before = await invoices();
    await app.rows(`update acts set state = 'working' where organization_id = $1`, [caller.organizationId]);
    expect(await billAgain()).toEqual({ outcome: 'already_done' });
    expect(await invoices()).toEqual(before);
    expect(await actOf('start')).toMatchObject({ state: 'done' });
  });

  test('is held by its id, when act and line are gone', async () => {
    await app.rows(
      `update invoice_subscriptions set invoicing_reason = 'subscription_periodic' where organization_id = $1`,
      [caller.organizationId],
    );
    await app.rows(`update acts set state = 'working' where organization_id = $1`, [caller.organizationId]);
    await expect(billAgain()).rejects.toThrow(/from = finalized, to = finalized/);
    expect(await invoices()).toMatchObject([{ total: '1700' }]);
  });
});

describe('a last invoice on a due day', () => {
  const claims = () =>
    app.rows(
      `select period_key::text as period, invoice_id as invoice from billing_claims where organization_id = $1 order by 1`,
      [caller.organizationId],
    );

  test('takes over the period that closes there, with its claim', async () => {
    await acts.run('2024-03-15T10:00:00Z');
    await plan(false);
    const subscriptionId = await subscribe();
    await clock('2024-04-01T09:00:00Z');
    await caller.ok('DELETE', '/subscriptions/s1?on_termination_invoice=generate');
    await billOwnInvoice(dependencies(), (await actOf('end')).argument);
    const [last, ...others] = (await invoices()).filter(({ reason }) => reason === 'subscription_terminating');
    expect(others).toEqual([]);
    expect(await claims()).toEqual([{ period: '2024-03-01', invoice: last?.id }]);
    // Should the period's act come all the same, and the subscription be taken for a running one, it finds the claim.
    await app.rows(`update subscriptions set status = 'active', terminated_at = null where id = $1`, [subscriptionId]);
    await app.rows(`update acts set state = 'waiting' where organization_id = $1 and kind = 'period'`, [
      caller.organizationId,
    ]);
    await acts.run('2024-04-01T09:00:00Z');
    expect(await invoices()).toEqual([last]);
  });

  test('leaves the period to the invoice that has its claim', async () => {
    await acts.run('2024-03-15T10:00:00Z');
    await plan(false);
    await subscribe();
    await acts.advance('2024-04-01T09:00:00Z');
    const before = await claims();
    expect(before).toHaveLength(1);
    await caller.ok('DELETE', '/subscriptions/s1');
    await acts.run('2024-04-01T09:00:00Z');
    expect(await claims()).toEqual(before);
  });
});

describe('the act that starts a subscription', () => {
  beforeEach(async () => {
    await acts.run('2024-03-15T10:00:00Z');
    await plan(true);
    await subscribe({ subscription_at: '2024-03-20T00:00:00Z' });
    await clock('2024-03-20T00:00:00Z');
  });

  const activate = async () => activateSubscription(dependencies(), (await actOf('activate')).argument);
  const subscription = async () => {
    const [row] = await app.rows(`select status, started_at from subscriptions where organization_id = $1`, [
      caller.organizationId,
    ]);
    return row;
  };

  test('starts it once', async () => {
    expect(await activate()).toEqual({ outcome: 'activated' });
    const before = await subscription();
    await clock('2024-03-21T00:00:00Z');
    expect(await activate()).toEqual({ outcome: 'superseded' });
    expect(await subscription()).toEqual(before);
  });

  test.each(['active', 'canceled', 'terminated'])('leaves one alone that is %s meanwhile', async (status) => {
    await app.rows(`update subscriptions set status = $2 where organization_id = $1`, [caller.organizationId, status]);
    expect(await activate()).toEqual({ outcome: 'superseded' });
    expect(await subscription()).toEqual({ status, started_at: null });
    expect(await actOf('activate')).toMatchObject({ state: 'done' });
    expect(await actOf('period')).toBeUndefined();
    expect(await actOf('start')).toBeUndefined();
  });

  test('waits for the start of the day where the customer is now', async () => {
    await app.rows(`update customers set timezone = 'America/New_York' where organization_id = $1`, [
      caller.organizationId,
    ]);
    // Midnight in UTC is the evening of the 19th there, and that day has begun at 4 o'clock.
    await app.rows(`update subscriptions set subscription_at = '2024-03-20T12:00:00Z' where organization_id = $1`, [
      caller.organizationId,
    ]);
    expect(await activate()).toEqual({ outcome: 'moved', dueAt: '2024-03-20T04:00:00.000Z' });
    expect(await subscription()).toMatchObject({ status: 'pending' });
    expect(await actOf('activate')).toMatchObject({ state: 'waiting', due: '2024-03-20 04:00' });
    await clock('2024-03-20T04:00:00Z');
    expect(await activate()).toEqual({ outcome: 'activated' });
  });
});
