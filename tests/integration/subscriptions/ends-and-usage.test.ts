// Every event is on one invoice, once, however a subscription ends: on the day of an end that is a billing day, before
// and after that day's run, with a skipped last invoice, and where its external id goes to somebody else (spec,
// subscriptions-and-invoices 3.4, 2.3; decisions). What is expected is counted here, from the dates alone.
import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { actsByHand, type ActsByHand } from '../../support/acts-by-hand.ts';
import { at, listeningApp, textAt, type Caller, type ListeningApp } from '../api/listening-app.ts';

const HOUR = 3_600_000;
const DAY = 24 * HOUR;

let app: ListeningApp;
beforeAll(async () => {
  app = await listeningApp();
});
afterAll(() => app.close());

interface Stage {
  readonly caller: Caller;
  readonly acts: ActsByHand;
}

async function stage(start: string): Promise<Stage> {
  const caller = await app.organization();
  const acts = actsByHand(app.orm, caller.organizationId);
  await acts.run(start);
  return { caller, acts };
}

async function metricOf({ caller }: Stage, recurring = false): Promise<string> {
  const metric = { name: 'Units', code: 'units', aggregation_type: 'sum_agg', field_name: 'n', recurring };
  const made = await caller.ok('POST', '/billable_metrics', { billable_metric: metric });
  return textAt(made, 'billable_metric.lago_id');
}

const planOf = ({ caller }: Stage, metric: string, code: string, terms: object) =>
  caller.ok('POST', '/plans', {
    plan: {
      name: code,
      code,
      amount_cents: 1000,
      amount_currency: 'EUR',
      interval: 'monthly',
      pay_in_advance: false,
      charges: [{ billable_metric_id: metric, charge_model: 'standard', properties: { amount: '0.01' } }],
      ...terms,
    },
  });

/** Moves the clock without doing anything that is due. */
const jump = ({ caller }: Stage, now: string) =>
  app.rows('update organizations set clock_now = $2 where id = $1', [caller.organizationId, now]);

const iso = (instant: number): string => new Date(instant).toISOString();

/** The k-th event of a subscription counts 4^k cents: the total says how often each of them is billed. */
const worth = (index: number): number => 4 ** index;

async function use({ caller }: Stage, externalId: string, instants: readonly number[]): Promise<void> {
  const events = instants.map((instant, index) => ({
    transaction_id: `${externalId}-${index}`,
    external_subscription_id: externalId,
    code: 'units',
    timestamp: (instant / 1000).toFixed(3),
    properties: { n: worth(index) },
  }));
  await caller.ok('POST', '/events/batch', { events });
}

/** What the final invoices of an external id bill, by type of fee. */
async function billed({ caller }: Stage): Promise<Record<string, Record<string, number>>> {
  const rows = await app.rows<{ id: string; type: string; cents: number }>(
    `select subscriptions.external_id as id, fee_type as type, sum(amount_cents)::int as cents
     from fees join subscriptions on subscriptions.id = fees.subscription_id join invoices on invoices.id = fees.invoice_id
     where fees.organization_id = $1 and invoices.status = 'finalized' group by 1, 2`,
    [caller.organizationId],
  );
  const result: Record<string, Record<string, number>> = {};
  for (const { id, type, cents } of rows) result[id] = { ...result[id], [type]: cents };
  return result;
}

/**
 * Days of the first period and of the next, and the local day on which the first has closed; everything begins on 1
 * January 2024.
 */
const INTERVALS = [
  ['weekly', { interval: 'weekly' }, '2024-01-08', 7, 7],
  ['monthly', { interval: 'monthly' }, '2024-02-01', 31, 29],
  ['quarterly', { interval: 'quarterly' }, '2024-04-01', 91, 91],
  ['semiannual', { interval: 'semiannual' }, '2024-07-01', 182, 184],
  ['yearly', { interval: 'yearly' }, '2025-01-01', 366, 365],
  ['yearly with monthly charges', { interval: 'yearly', bill_charges_monthly: true }, '2024-02-01', 366, 366],
] as const;

/** The hours of UTC at which a day of the zone begins, in January, February, April and July. */
const ZONES: Readonly<Record<string, (day: string) => number>> = {
  UTC: () => 0,
  'America/New_York': (day) => (day.startsWith('2024-04') || day.startsWith('2024-07') ? 4 : 5),
  'Asia/Tokyo': () => -9,
};

/**
 * Each in every zone would take minutes, and finds no more: all zones for the month and for the split year, one for the
 * others.
 */
const ZONES_OF: Readonly<Record<string, readonly string[]>> = {
  weekly: ['Asia/Tokyo'],
  quarterly: ['America/New_York'],
  semiannual: ['UTC'],
  yearly: ['Asia/Tokyo'],
};

const START = Date.parse('2024-01-01T08:00:00Z');
const MIDDLE = Date.parse('2024-01-03T12:00:00Z');
const HOWS = ['middle', 'ending', 'ending, skipped', 'before', 'before, skipped', 'after', 'after, skipped'] as const;
type How = (typeof HOWS)[number];

const endOf = (how: How, dueAt: number): number => {
  if (how === 'middle') return MIDDLE;
  if (how.startsWith('ending')) return dueAt + 23 * HOUR + 59 * 60_000;
  return dueAt + (how.startsWith('before') ? 2 : 3) * HOUR;
};

describe.each(INTERVALS)('%s', (interval, terms, dueDay, length, nextLength) => {
  /** The fees of a subscription of 10.00 (spec, subscriptions-and-invoices 5.2), and nothing given back yet. */
  function feesOf(how: How, inAdvance: boolean): number {
    const days = (count: number, of: number) => Math.round((count * 1000) / of);
    const isWithinPeriod = 'bill_charges_monthly' in terms;
    if (inAdvance) return how.startsWith('after') && !isWithinPeriod ? 2000 : 1000;
    if (how === 'middle') return days(3, length);
    // Within the year the month that has closed has no fee of its own.
    if (isWithinPeriod) return how.endsWith('skipped') ? 0 : days(32, length);
    return how === 'after' ? 1000 + days(1, nextLength) : 1000;
  }

  test.each(ZONES_OF[interval] ?? Object.keys(ZONES))('in %s', async (timezone) => {
    const here = await stage(iso(START));
    const { caller, acts } = here;
    const dueAt = Date.parse(`${dueDay}T00:00:00Z`) + ZONES[timezone]!(dueDay) * HOUR;
    const metric = await metricOf(here);
    await planOf(here, metric, 'arrears', terms);
    await planOf(here, metric, 'advance', { ...terms, pay_in_advance: true });
    for (const [external_id, invoice_grace_period] of [
      ['now', 0],
      ['draft', 5],
    ] as const) {
      const billing_configuration = { invoice_grace_period };
      await caller.ok('POST', '/customers', { customer: { external_id, timezone, billing_configuration } });
    }
    const expected: Record<string, Record<string, number>> = {};
    const stories = HOWS.flatMap((how) =>
      ['arrears', 'advance'].flatMap((plan) =>
        ['calendar', 'anniversary'].map((billing, index) => ({ how, plan, billing, index })),
      ),
    );
    for (const [number, { how, plan, billing }] of stories.entries()) {
      const externalId = `${how}/${plan}/${billing}`;
      const end = endOf(how, dueAt);
      const isSkipped = how.endsWith('skipped');
      await caller.ok('POST', '/subscriptions', {
        subscription: {
          external_customer_id: (number + Math.floor(number / 2)) % 2 === 0 ? 'now' : 'draft',
          external_id: externalId,
          plan_code: plan,
          billing_time: billing,
          ...((how === 'middle' || how.startsWith('ending')) && { ending_at: iso(end) }),
        },
      });
      if (how === 'ending, skipped') {
        const subscription = { on_termination_invoice: 'skip' };
        await caller.ok('PUT', `/subscriptions/${encodeURIComponent(externalId)}`, { subscription });
      }
      const used = [START, START + HOUR, MIDDLE, dueAt - 1, dueAt, dueAt + HOUR, end - 1, end, end + 1].map((instant) =>
        Math.max(instant, START),
      );
      await use(here, externalId, used);
      const last = isSkipped ? dueAt - 1 : end;
      const charge = used.reduce((sum, instant, index) => sum + (instant <= last ? worth(index) : 0), 0);
      const subscription = feesOf(how, plan === 'advance');
      expected[externalId] = { charge, ...(subscription > 0 && { subscription }) };
    }
    const end = async (which: string) => {
      for (const { how, plan, billing } of stories.filter((story) => story.how.startsWith(which))) {
        const option = how.endsWith('skipped') ? '?on_termination_invoice=skip' : '';
        await caller.ok('DELETE', `/subscriptions/${encodeURIComponent(`${how}/${plan}/${billing}`)}${option}`);
      }
    };
    await acts.advance(iso(dueAt - HOUR));
    await jump(here, iso(dueAt + 2 * HOUR));
    await end('before');
    await acts.run(iso(dueAt + 2 * HOUR));
    await acts.run(iso(dueAt + 3 * HOUR));
    await end('after');
    await acts.run(iso(dueAt + 3 * HOUR));
    await acts.advance(iso(dueAt + 40 * DAY));
    expect(await billed(here)).toEqual(expected);
    const open = `select 1 from acts where organization_id = $1 and state <> 'done'`;
    expect(await app.rows(open, [caller.organizationId])).toEqual([]);
  });
});

describe('one external id, subscribed again', () => {
  let here: Stage;
  const subscribe = (customer: string, attributes: object = {}) =>
    here.caller.ok('POST', '/subscriptions', {
      subscription: { external_customer_id: customer, external_id: 's', plan_code: 'plan', ...attributes },
    });
  const run = (now: string) => here.acts.run(now);
  const end = (query = '') => here.caller.ok('DELETE', `/subscriptions/s${query}`);
  const usage = async () => (await billed(here))['s']?.['charge'] ?? 0;
  const event = (index: number, instant: string) =>
    here.caller.ok('POST', '/events', {
      event: {
        transaction_id: `e${index}`,
        external_subscription_id: 's',
        code: 'units',
        timestamp: (Date.parse(instant) / 1000).toFixed(3),
        properties: { n: worth(index) },
      },
    });

  beforeEach(async () => {
    here = await stage('2026-03-01T10:00:00Z');
    await planOf(here, await metricOf(here), 'plan', {});
  });

  test.each(['before its last invoice', 'after it', 'while it is a draft'])(
    'at the instant of its end, %s: the event of that instant is billed once',
    async (when) => {
      const billing_configuration = { invoice_grace_period: when === 'while it is a draft' ? 3 : 0 };
      await here.caller.ok('POST', '/customers', { customer: { external_id: 'c', billing_configuration } });
      await subscribe('c', { ending_at: '2026-03-10T12:00:00Z' });
      await event(0, '2026-03-10T11:59:59.999Z');
      await event(1, '2026-03-10T12:00:00Z');
      await event(2, '2026-03-10T12:00:00.001Z');
      await here.acts.advance('2026-03-10T11:00:00Z');
      if (when === 'before its last invoice') {
        // The moment of the end, and of nothing that follows.
        await app.rows(
          `update subscriptions set status = 'terminated', terminated_at = ending_at where organization_id = $1`,
          [here.caller.organizationId],
        );
        await jump(here, '2026-03-10T12:00:00Z');
        await app.rows(
          `insert into acts (id, organization_id, customer_id, subscription_id, kind, queue, argument, rank, summary, changed_at, created_at)
           select 'end-by-hand', organization_id, customer_id, subscription_id, 'end', queue,
             jsonb_build_object('actId', 'end-by-hand', 'organizationId', organization_id, 'subscriptionId', subscription_id,
               'reason', 'subscription_terminating', 'at', '2026-03-10T12:00:00.000Z', 'frozen', true, 'dueAt', null),
             rank, 'End', now(), now() from acts where organization_id = $1 and kind = 'period'`,
          [here.caller.organizationId],
        );
      } else await here.acts.advance('2026-03-10T12:00:00Z');
      await subscribe('c', { subscription_at: '2026-03-10T12:00:00Z' });
      await here.acts.advance('2026-04-05T00:00:00Z');
      expect(await usage()).toBe(worth(0) + worth(1) + worth(2));
    },
  );

  test('by another customer, or by one who was deleted and made again: usage goes on where it ended', async () => {
    await subscribe('c', { subscription_at: '2026-03-01T10:00:00Z' });
    await event(0, '2026-03-10T09:00:00Z');
    await event(1, '2026-03-10T13:00:00Z');
    await event(2, '2026-03-20T13:00:00Z');
    await here.acts.advance('2026-03-10T12:00:00Z');
    await end();
    await run('2026-03-10T12:00:00Z');
    expect(await usage()).toBe(worth(0));
    await subscribe('d', { subscription_at: '2026-03-10T00:00:00Z' });
    const shown = await here.caller.ok('GET', '/subscriptions/s');
    expect(at(shown, 'subscription.started_at')).toBe('2026-03-10T00:00:00.000Z');
    const current = '/customers/d/current_usage?external_subscription_id=s';
    expect(at(await here.caller.ok('GET', current), 'customer_usage.total_amount_cents')).toBe(worth(1) + worth(2));
    await here.acts.advance('2026-03-15T12:00:00Z');
    await here.caller.ok('DELETE', '/customers/d');
    await here.acts.advance('2026-03-15T12:10:00Z');
    await subscribe('d', { subscription_at: '2026-03-15T00:00:00Z' });
    await here.acts.advance('2026-04-05T00:00:00Z');
    expect(await usage()).toBe(worth(0) + worth(1) + worth(2));
  });

  test('after a skipped last invoice: service goes on where the invoices ended, usage where it ended', async () => {
    await run('2026-01-15T10:00:00Z');
    await subscribe('c', { subscription_at: '2026-01-15T10:00:00Z', billing_time: 'anniversary' });
    await event(0, '2026-03-05T09:00:00Z');
    await event(1, '2026-03-17T09:00:00Z');
    await event(2, '2026-03-25T09:00:00Z');
    await here.acts.advance('2026-03-20T12:00:00Z');
    await end('?on_termination_invoice=skip');
    await run('2026-03-20T12:00:00Z');
    await subscribe('c', { subscription_at: '2026-01-15T00:00:00Z', billing_time: 'calendar' });
    const shown = await here.caller.ok('GET', '/subscriptions/s');
    expect(at(shown, 'subscription.started_at')).toBe('2026-03-15T00:00:00.000Z');
    await here.acts.advance('2026-04-02T00:00:00Z');
    expect(await billed(here)).toEqual({
      // Two months, and 17 of the 31 days of March.
      s: { subscription: 2000 + Math.round((17 * 1000) / 31), charge: worth(0) + worth(2) },
    });
  });

  test.each(['the last invoice', 'the period'])(
    'after a skipped last invoice, while %s is still to be made: service goes on where the closed period ends',
    async (which) => {
      await run('2026-01-15T10:00:00Z');
      await subscribe('c', { subscription_at: '2026-01-15T10:00:00Z', billing_time: 'anniversary' });
      await here.acts.advance('2026-03-14T12:00:00Z');
      const failing = `update acts set state = $2 where organization_id = $1 and kind = 'period' and state <> 'done'
        and argument->>'billingDay' = '2026-03-15'`;
      if (which === 'the period') await app.rows(failing, [here.caller.organizationId, 'failed']);
      await jump(here, which === 'the period' ? '2026-03-20T12:00:00Z' : '2026-03-15T12:00:00Z');
      await end('?on_termination_invoice=skip');
      await subscribe('c', { subscription_at: '2026-01-15T00:00:00Z', billing_time: 'calendar' });
      const shown = await here.caller.ok('GET', '/subscriptions/s');
      expect(at(shown, 'subscription.started_at')).toBe('2026-03-15T00:00:00.000Z');
      await app.rows(failing, [here.caller.organizationId, 'wanted']);
      await here.acts.advance('2026-04-02T00:00:00Z');
      // Two months, and 17 of the 31 days of March.
      expect(await billed(here)).toEqual({ s: { subscription: 2000 + Math.round((17 * 1000) / 31) } });
    },
  );

  test('what carries over is the history of the same customer', async () => {
    here = await stage('2026-01-05T10:00:00Z');
    await planOf(here, await metricOf(here, true), 'plan', {});
    const tenure = async (customer: string, start: string, index: number, stop: string) => {
      await run(start);
      await subscribe(customer);
      await event(index, new Date(Date.parse(start) + DAY).toISOString());
      await here.acts.advance(stop);
      await end();
      await run(stop);
    };
    await tenure('c', '2026-01-05T10:00:00Z', 0, '2026-01-08T10:00:00Z');
    await tenure('d', '2026-01-10T10:00:00Z', 1, '2026-01-13T10:00:00Z');
    await tenure('c', '2026-01-15T10:00:00Z', 2, '2026-01-18T10:00:00Z');
    // c pays its own event a second time, as it is carried over; d's it does not.
    expect(await usage()).toBe(worth(0) + worth(1) + (worth(0) + worth(2)));
  });
});
