// A customer that moves from zone to zone: whatever the walk, its usage is billed from the start to now, each instant
// once (spec, subscriptions-and-invoices 3.2.5, 4.1, 13.3).
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { activityDependencies } from '../../support/activity-dependencies.ts';
import { actsByHand, type ActsByHand } from '../../support/acts-by-hand.ts';
import { lastInvoicedWindows } from '../../../db/queries/subscriptions/last-invoiced-windows.ts';
import { recordBillingFailure } from '../../../activities/subscriptions/record-billing-failure.ts';
import { at, listeningApp, type Caller, type ListeningApp } from '../api/listening-app.ts';

const DAY_MS = 86_400_000;
const ZONES = ['UTC', 'America/New_York', 'Pacific/Auckland', 'Europe/Paris', 'America/Los_Angeles', 'Asia/Tokyo'];

let app: ListeningApp;
beforeAll(async () => {
  app = await listeningApp();
});
afterAll(() => app.close());

interface Mover {
  readonly caller: Caller;
  readonly acts: ActsByHand;
  readonly moveTo: (zone: string) => Promise<unknown>;
  readonly usageWindows: () => Promise<readonly (readonly [from: string, to: string])[]>;
}

async function mover(
  start: string,
  zone: string,
  terms: { readonly interval?: string; readonly payInAdvance?: boolean; readonly billingTime?: string } = {},
): Promise<Mover> {
  const { interval = 'monthly', payInAdvance = false, billingTime = 'anniversary' } = terms;
  const caller = await app.organization();
  const acts = actsByHand(app.orm, caller.organizationId);
  await acts.run(start);
  const moveTo = (timezone: string) => caller.ok('POST', '/customers', { customer: { external_id: 'c1', timezone } });
  await moveTo(zone);
  await caller.ok('POST', '/plans', {
    plan: {
      name: 'Plan',
      code: 'p',
      interval,
      amount_cents: 3100,
      amount_currency: 'EUR',
      pay_in_advance: payInAdvance,
      ...(interval === 'yearly' && { bill_charges_monthly: true }),
    },
  });
  await caller.ok('POST', '/subscriptions', {
    subscription: { external_customer_id: 'c1', external_id: 's1', plan_code: 'p', billing_time: billingTime },
  });
  await acts.run(start);
  return {
    caller,
    acts,
    moveTo,
    usageWindows: async () =>
      (
        await app.rows<{ from: string; to: string }>(
          `select to_char(charges_from_datetime at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"') as from,
             to_char(charges_to_datetime at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"') as to
           from invoice_subscriptions
           where organization_id = $1 and invoicing_reason = 'subscription_periodic' and charges_to_datetime > charges_from_datetime
           order by timestamp`,
          [caller.organizationId],
        )
      ).map(({ from, to }) => [from, to] as const),
  };
}

describe('a customer that moves', () => {
  test('there and back before the period ends is billed as if it had stayed', async () => {
    const { acts, moveTo, usageWindows, caller } = await mover('2024-01-15T02:00:00Z', 'UTC');
    await acts.advance('2024-02-20T00:00:00Z');
    const planned = async () =>
      app.rows(
        `select argument->>'periodKey' as key, argument->>'billingDay' as day, argument->>'timeZone' as zone,
           to_char(due_at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"') as due, (argument->>'actId') = id as own
         from acts where organization_id = $1 and kind = 'period' and state <> 'done'`,
        [caller.organizationId],
      );
    const before = await planned();
    await moveTo('America/New_York');
    expect(await planned()).toEqual([
      { key: '2024-02-14', day: '2024-03-14', zone: 'America/New_York', due: '2024-03-14T04:00:00.000Z', own: true },
    ]);
    await moveTo('UTC');
    expect(await planned()).toEqual(before);
    await acts.advance('2024-05-20T00:00:00Z');
    expect(await usageWindows()).toEqual([
      ['2024-01-15T02:00:00.000Z', '2024-02-14T23:59:59.999Z'],
      ['2024-02-15T00:00:00.000Z', '2024-03-14T23:59:59.999Z'],
      ['2024-03-15T00:00:00.000Z', '2024-04-14T23:59:59.999Z'],
      ['2024-04-15T00:00:00.000Z', '2024-05-14T23:59:59.999Z'],
    ]);
    const open = `select 1 from acts where organization_id = $1 and kind = 'period' and state <> 'done'`;
    expect(await app.rows(open, [caller.organizationId])).toHaveLength(1);
  });

  test('west, where its first period has begun a day before and is over, goes on', async () => {
    const terms = { interval: 'yearly', payInAdvance: true, billingTime: 'calendar' };
    const { acts, moveTo, usageWindows } = await mover('2024-10-31T23:10:00Z', 'Europe/Paris', terms);
    await acts.advance('2024-11-21T02:43:54Z');
    await moveTo('America/New_York');
    await acts.advance('2025-01-20T00:00:00Z');
    expect(await usageWindows()).toEqual([
      ['2024-10-31T23:10:00.000Z', '2024-11-01T03:59:59.999Z'],
      ['2024-11-01T04:00:00.000Z', '2024-12-01T04:59:59.999Z'],
      ['2024-12-01T05:00:00.000Z', '2025-01-01T04:59:59.999Z'],
    ]);
  });

  test('so that its anchor is another day of a short month loses no month and has none twice', async () => {
    const { acts, moveTo, usageWindows } = await mover('2024-01-31T02:00:00Z', 'America/New_York');
    await acts.advance('2024-03-10T12:00:00Z');
    await moveTo('UTC');
    await acts.advance('2024-05-05T00:00:00Z');
    expect(await usageWindows()).toEqual([
      ['2024-01-31T02:00:00.000Z', '2024-02-29T04:59:59.999Z'],
      ['2024-02-29T05:00:00.000Z', '2024-03-30T23:59:59.999Z'],
      ['2024-03-31T00:00:00.000Z', '2024-04-29T23:59:59.999Z'],
    ]);
  });

  test('while a period has failed is billed for that period by the zone that it had', async () => {
    const { acts, moveTo, usageWindows, caller } = await mover('2024-01-15T14:00:00Z', 'UTC');
    await acts.advance('2024-03-14T00:00:00Z');
    const [failed] = await app.rows<{ id: string }>(
      `select id from acts where organization_id = $1 and kind = 'period' and state <> 'done'`,
      [caller.organizationId],
    );
    await app.rows(`update organizations set clock_now = '2024-03-15T00:00:00Z' where id = $1`, [
      caller.organizationId,
    ]);
    const dependencies = activityDependencies(app.orm, () => new Date(0));
    const act = { actId: failed!.id, organizationId: caller.organizationId };
    await recordBillingFailure(dependencies, act, 'a failure of the test');
    await moveTo('Pacific/Auckland');
    await acts.advance('2024-03-20T00:00:00Z');
    await caller.ok('POST', `/workflows/${encodeURIComponent(failed!.id)}/retry`);
    // Wanted again, it is still the period that it was.
    await moveTo('Asia/Tokyo');
    await moveTo('Pacific/Auckland');
    await acts.run('2024-03-20T00:00:00Z');
    await acts.advance('2024-04-20T00:00:00Z');
    expect(await usageWindows()).toEqual([
      ['2024-01-15T14:00:00.000Z', '2024-02-14T23:59:59.999Z'],
      ['2024-02-15T00:00:00.000Z', '2024-03-14T23:59:59.999Z'],
      ['2024-03-15T00:00:00.000Z', '2024-04-15T11:59:59.999Z'],
    ]);
  });
});

test('the window of a progressive invoice or of a deleted draft is not where the next one goes on', async () => {
  const { acts, caller } = await mover('2024-01-15T02:00:00Z', 'UTC');
  await acts.advance('2024-03-20T00:00:00Z');
  const [row] = await app.rows<{ id: string }>('select id from subscriptions where organization_id = $1', [
    caller.organizationId,
  ]);
  const last = async () => {
    const scope = {
      organizationId: caller.organizationId,
      subscriptionIds: [row!.id],
      before: new Date('2024-03-20T00:00:00Z'),
    };
    const windows = (await lastInvoicedWindows(app.orm.em.fork(), scope)).get(row!.id)!;
    return [windows.charges, windows.fixedCharges].map((window) => window?.to.toISOString());
  };
  expect(await last()).toEqual(['2024-03-14T23:59:59.999Z', '2024-03-14T23:59:59.999Z']);
  const newest = `(select invoice_id from invoice_subscriptions where organization_id = $1 order by timestamp desc limit 1)`;
  await app.rows(`update invoices set status = 'deleted' where id = ${newest}`, [caller.organizationId]);
  expect(await last()).toEqual(['2024-02-14T23:59:59.999Z', '2024-02-14T23:59:59.999Z']);
  await app.rows(`update invoices set status = 'finalized' where id = ${newest}`, [caller.organizationId]);
  await app.rows(
    `update invoice_subscriptions set invoicing_reason = 'progressive_billing' where invoice_id = ${newest}`,
    [caller.organizationId],
  );
  expect(await last()).toEqual(['2024-02-14T23:59:59.999Z', '2024-02-14T23:59:59.999Z']);
});

test('what a moved subscription says of its running period is what its usage is read for', async () => {
  const { acts, moveTo, caller } = await mover('2023-01-01T00:00:00Z', 'Pacific/Auckland', { billingTime: 'calendar' });
  await acts.advance('2023-02-05T00:00:00Z');
  await moveTo('America/Los_Angeles');
  const usage = await caller.ok('GET', '/customers/c1/current_usage?external_subscription_id=s1');
  const from = at(usage, 'customer_usage.from_datetime');
  expect(from).toBe('2023-01-31T11:00:00Z');
  const one = await caller.ok('GET', '/subscriptions/s1');
  expect(at(one, 'subscription.current_billing_period_started_at')).toBe(from);
  const list = await caller.ok('GET', '/subscriptions');
  expect(at(list, 'subscriptions.0.current_billing_period_started_at')).toBe(from);
});

test('a period that is billed in a new zone of its issuer, before its act is told, says what it has billed', async () => {
  const { acts, usageWindows, caller } = await mover('2024-01-31T02:00:00Z', 'America/New_York');
  await acts.advance('2024-03-10T12:00:00Z');
  await app.rows('update customers set timezone = null where organization_id = $1', [caller.organizationId]);
  await acts.advance('2024-03-31T12:00:00Z');
  expect((await usageWindows()).at(-1)).toEqual(['2024-02-29T05:00:00.000Z', '2024-03-30T23:59:59.999Z']);
  const claimed = `select 1 from acts join billing_claims claim on claim.subscription_id = acts.subscription_id
                     and claim.period_key = acts.argument->>'periodKey'
                   where acts.organization_id = $1 and acts.kind = 'period' and acts.state = 'done'`;
  expect(await app.rows(claimed, [caller.organizationId])).toHaveLength(2);
  const [last] = await app.rows(
    `select argument->>'billingDay' as day, argument->>'timeZone' as zone from acts
     where organization_id = $1 and kind = 'period' and state = 'done' order by argument->>'billingDay' desc limit 1`,
    [caller.organizationId],
  );
  expect(last).toEqual({ day: '2024-03-31', zone: 'UTC' });
});

const walk = fc.record({
  interval: fc.constantFrom('weekly', 'monthly', 'monthly', 'quarterly', 'yearly'),
  payInAdvance: fc.boolean(),
  billingTime: fc.constantFrom('anniversary', 'anniversary', 'calendar'),
  startDay: fc.integer({ min: 0, max: 365 }),
  startHour: fc.integer({ min: 0, max: 23 }),
  zone: fc.constantFrom(...ZONES),
  moves: fc.array(fc.record({ afterDays: fc.integer({ min: 0, max: 60 }), zone: fc.constantFrom(...ZONES) }), {
    minLength: 2,
    maxLength: 5,
  }),
});

test('any walk: usage is billed without a gap, without an overlap, and to the last period', async () => {
  await fc.assert(
    fc.asyncProperty(walk, async ({ startDay, startHour, zone, moves, ...terms }) => {
      const start = Date.UTC(2024, 0, 1) + startDay * DAY_MS + startHour * 3_600_000;
      const { acts, moveTo, usageWindows } = await mover(new Date(start).toISOString(), zone, terms);
      let now = start;
      for (const move of moves) {
        now += move.afterDays * DAY_MS;
        await acts.advance(new Date(now).toISOString());
        await moveTo(move.zone);
        await acts.run(new Date(now).toISOString());
      }
      now += 100 * DAY_MS;
      await acts.advance(new Date(now).toISOString());
      const windows = await usageWindows();
      const ends = [start - 1, ...windows.map(([, to]) => Date.parse(to))];
      expect(windows.map(([from]) => Date.parse(from))).toEqual(ends.slice(0, -1).map((end) => end + 1));
      const periodDays = terms.interval === 'weekly' ? 9 : terms.interval === 'quarterly' ? 95 : 34;
      expect(now - ends.at(-1)!).toBeLessThan(periodDays * DAY_MS);
    }),
    { numRuns: Number(process.env['WALKS'] ?? 25), seed: Number(process.env['WALK_SEED'] ?? 1) },
  );
}, 180_000);
