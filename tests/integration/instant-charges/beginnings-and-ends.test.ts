// Charges in advance where a subscription begins and ends, and what their invoices are not: billed periods.
import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { sql } from '../../../db/sql.ts';
import { listeningApp, type ListeningApp } from '../api/listening-app.ts';
import { inAdvance, instantStory, type InstantStory } from './instant-story.ts';

let app: ListeningApp;
let story: InstantStory;

beforeAll(async () => {
  app = await listeningApp();
});

beforeEach(async () => {
  story = await instantStory(app);
});

afterAll(() => app.close());

const at = (moment: string) => ({ timestamp: Date.parse(moment) / 1000 });

describe('events of a subscription that has not begun', () => {
  test('are charged once its start is moved into the past; those before its start are not', async () => {
    const { caller } = story;
    await story.subscribe([inAdvance(await story.metric('calls'))], { subscription_at: '2024-03-20T00:00:00Z' });
    await story.clock('2024-03-10T00:00:00Z');
    await story.send('before', { n: 1 }, at('2024-03-04T23:59:59.999Z'));
    await story.send('first', { n: 2 }, at('2024-03-05T00:00:00Z'));
    await story.send('second', { n: 3 });
    expect(await story.fees()).toEqual([]);
    await caller.ok('PUT', '/subscriptions/sub?status=pending', {
      subscription: { subscription_at: '2024-03-05T00:00:00Z' },
    });
    await story.run();
    expect(await story.charged()).toEqual({ first: ['2.0', 200], second: ['3.0', 300] });
  });

  test('that are dated after its start are charged when it begins', async () => {
    await story.subscribe([inAdvance(await story.metric('calls'))], { subscription_at: '2024-03-20T00:00:00Z' });
    await story.clock('2024-03-10T00:00:00Z');
    await story.send('ahead', { n: 2 }, at('2024-03-20T00:00:00Z'));
    expect(await story.fees()).toEqual([]);
    await story.acts.advance('2024-03-21T00:00:00Z');
    expect(await story.charged()).toEqual({ ahead: ['2.0', 200] });
  });
});

describe('a charge that comes after events of its period', () => {
  test.each([
    [
      'goes on in the tier that they have reached',
      {
        charge_model: 'graduated',
        properties: {
          graduated_ranges: [
            { from_value: 0, to_value: 110, per_unit_amount: '0', flat_amount: '0' },
            { from_value: 111, to_value: null, per_unit_amount: '10', flat_amount: '0' },
          ],
        },
      },
      [0, 20_000],
    ],
    [
      'leaves free what they have left of it: the fact of the rules',
      {
        charge_model: 'percentage',
        properties: { rate: '5', fixed_amount: '1', free_units_per_total_aggregation: '120' },
      },
      [0, 150],
    ],
  ])('%s', async (_, charge, cents) => {
    const { caller } = story;
    const id = await story.metric('calls');
    await story.subscribe([]);
    // Of whole hours, which are read from rollups, and of the hour in which the charge comes.
    await story.store({ one: { n: 60 } });
    await story.clock('2024-03-02T10:10:00Z');
    await story.store({ two: { n: 40 } });
    await story.clock('2024-03-02T10:20:00Z');
    await caller.ok('POST', '/plans/gold/charges', {
      charge: inAdvance(id, { code: 'late', invoiceable: false, ...charge }),
    });
    await story.store({ three: { n: 10 }, four: { n: 20 } });
    await story.run();
    expect(await story.charged()).toEqual({ three: ['10.0', cents[0]], four: ['20.0', cents[1]] });
  });
});

describe('an invoice of a charge in advance', () => {
  test('is no service that was billed: who begins again earlier has not had it yet', async () => {
    const { caller } = story;
    await story.subscribe([inAdvance(await story.metric('calls'))]);
    await story.acts.advance('2024-04-05T00:00:00Z');
    await story.clock('2024-04-05T00:00:00Z');
    await story.send('one', { n: 1 });
    await story.clock('2024-04-10T00:00:00Z');
    await caller.ok('DELETE', '/subscriptions/sub?on_termination_invoice=skip');
    await story.run();
    await story.clock('2024-04-12T00:00:00Z');
    const again = (await caller.ok('POST', '/subscriptions', {
      subscription: {
        external_customer_id: 'acme',
        external_id: 'sub',
        plan_code: 'gold',
        subscription_at: '2024-04-03T00:00:00Z',
      },
    })) as any;
    expect(new Date(again.subscription.started_at)).toEqual(new Date('2024-04-03T00:00:00Z'));
  });

  test('leaves the usage of its period to be billed, also where the time zone changes meanwhile', async () => {
    const { caller } = story;
    const arrears = { charge_model: 'standard', properties: { amount: '1' }, pay_in_advance: false };
    await story.subscribe([
      inAdvance(await story.metric('calls')),
      { ...arrears, billable_metric_id: await story.metric('gigabytes') },
    ]);
    await story.clock('2024-03-05T00:00:00Z');
    await story.send('instant', { n: 1 });
    await story.send('later', { n: 7 }, { code: 'gigabytes' });
    await caller.ok('POST', '/customers', { customer: { external_id: 'acme', timezone: 'America/Bogota' } });
    await story.acts.advance('2024-04-02T00:00:00Z');
    const billed = (await story.fees('&billable_metric_code=gigabytes')).map((fee) => fee.amount_cents);
    expect(billed).toEqual([700]);
  });
});

describe('an amount that no fee can hold', () => {
  test('fails its own event alone, and those beside it are charged', async () => {
    await story.subscribe([inAdvance(await story.metric('calls'), { invoiceable: false })]);
    await story.store({ one: { n: 1 }, vast: { n: '9'.repeat(30) }, two: { n: 2 } });
    await expect(story.run()).rejects.toThrow();
    expect(await story.charged()).toEqual({ one: ['1.0', 100] });
    // As its workflow leaves it after the second try.
    await sql(
      app.orm.em.fork(),
      `update acts set state = 'failed' where organization_id = $1 and state <> 'done' and argument ->> 'eventId' =
         (select id::text from events where organization_id = $1 and transaction_id = 'vast')`,
      [story.caller.organizationId],
    );
    await story.run();
    expect(await story.charged()).toEqual({ one: ['1.0', 100], two: ['2.0', 200] });
  });
});

describe('the estimate of an event', () => {
  test('sees what the expression of its metric computes', async () => {
    const { caller } = story;
    const expression = 'event.properties.calls * event.properties.each';
    const id = await story.metric('calls', { aggregation_type: 'sum_agg', field_name: 'n', expression });
    await story.subscribe([inAdvance(id)]);
    const estimated = async (path: string, properties: object): Promise<any> => {
      const event = { transaction_id: 't', external_subscription_id: 'sub', code: 'calls', properties };
      return caller.send('POST', `/events/${path}`, { event });
    };
    const sent = { calls: 3, each: 4, n: 1 };
    expect((await estimated('estimate_fees', sent)).body.fees[0]).toMatchObject({ units: '12.0', amount_cents: 1200 });
    expect((await estimated('estimate_instant_fees', sent)).body.fees[0]).toMatchObject({
      units: '12.0',
      amount_cents: '1200.0',
    });
    for (const path of ['estimate_fees', 'estimate_instant_fees']) {
      expect(await estimated(path, { calls: 3 })).toMatchObject({
        status: 422,
        body: { error_details: 'expression_evaluation_failed: Variable: each not found' },
      });
    }
  });
});
