import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { randomUUID } from 'node:crypto';
import { rebuildRollups } from '../../../activities/usage/rebuild-rollups.ts';
import { Decimal } from '../../../billing/money/decimal.ts';
import { usageSlot } from '../../../billing/usage/usage-slot.ts';
import { scopedTo } from '../../../db/orm.ts';
import { readUsage } from '../../../db/queries/usage/usage.ts';
import { at, listeningApp, textAt, type Caller, type ListeningApp } from '../api/listening-app.ts';

let app: ListeningApp;
let caller: Caller;
let metricId: string;

beforeAll(async () => {
  app = await listeningApp();
  caller = await app.organization();
  const metric = await caller.ok('POST', '/billable_metrics', {
    billable_metric: { name: 'v', code: 'v', aggregation_type: 'sum_agg', field_name: 'v' },
  });
  metricId = textAt(metric, 'billable_metric.lago_id');
});

afterAll(() => app.close());

/** A value as JSON writes it, and what it counts; undefined: nothing. */
interface Spelled {
  readonly json: string;
  readonly worth: Decimal | undefined;
}

/** Numbers of at most 30 digits, with exponents that leave them within 50 characters. */
const numberText = fc
  .record({
    sign: fc.constantFrom('', '-'),
    digits: fc.stringMatching(/^[1-9][0-9]{0,29}$/),
    whole: fc.integer({ min: 1, max: 30 }),
    zeros: fc.constantFrom('', '0', '000'),
    power: fc.constantFrom('', 'e0', 'E+5', 'e-7', 'E+00010', 'E-16', 'e+15'),
  })
  .map(({ sign, digits, whole, zeros, power }) => {
    const fraction = digits.slice(whole) + zeros;
    return `${sign}${digits.slice(0, whole)}${fraction && `.${fraction}`}${power}`;
  });

const isPlain = (text: string): boolean => !/e/i.test(text);

const spelled: fc.Arbitrary<Spelled> = fc.oneof(
  { weight: 4, arbitrary: numberText.map((text) => ({ json: text, worth: new Decimal(text) })) },
  {
    weight: 2,
    // A text with an exponent is no number (spec, usage 1.3).
    arbitrary: numberText.map((text) => ({
      json: JSON.stringify(text),
      worth: isPlain(text) ? new Decimal(text) : undefined,
    })),
  },
  fc.double({ noNaN: true, min: -1e20, max: 1e20 }).map((value) => {
    // Without the tiny ones, which are refused.
    const number = Math.abs(value) < 1e-20 ? 0 : value;
    return { json: JSON.stringify(number), worth: new Decimal(number) };
  }),
  fc.constantFrom<Spelled>(
    { json: '-0', worth: new Decimal(0) },
    { json: '-0.0E-9', worth: new Decimal(0) },
    { json: '0e99999999999999999999', worth: new Decimal(0) },
    { json: 'null', worth: undefined },
    { json: 'true', worth: undefined },
    { json: '[1]', worth: undefined },
    { json: '{"v":1}', worth: undefined },
    { json: '"1e400"', worth: undefined },
  ),
);

/** Sends each value as an event of one subscription. */
async function send(subscription: string, values: readonly Spelled[]): Promise<void> {
  const events = values.map(
    ({ json }, index) =>
      `{"transaction_id":"${subscription} ${index}","external_subscription_id":"${subscription}","code":"v",` +
      `"timestamp":${Date.parse('2026-03-14T10:00:00Z') / 1000 + index},"properties":{"v":${json},"nested":[${json}]}}`,
  );
  const answer = await caller.send('POST', '/events/batch', `{"events":[${events.join(',')}]}`);
  expect(answer).toMatchObject({ status: 200 });
}

/** What all of it adds up to, from the rollups or from the events themselves. */
async function usageOf(subscription: string, rolledUp: boolean): Promise<string> {
  const em = scopedTo(app.orm.em, caller.organizationId);
  const day = { from: new Date('2026-03-14T00:00:00Z'), to: new Date('2026-03-14T23:59:59.999Z') };
  const metric = {
    id: metricId,
    code: 'v',
    aggregationType: 'sum_agg',
    fieldName: 'v',
    recurring: false,
    definitionVersion: rolledUp ? 1 : 0,
  } as const;
  const slot = usageSlot(metric, subscription, day, null, { keys: [], condition: null, facts: null, proration: null });
  const [row] = (await readUsage(em, caller.organizationId, [slot])).get(slot.id) ?? [];
  if (row?.totals.aggregationType !== 'sum_agg') throw new Error('nothing was summed');
  return `${row.totals.numericEventsCount} numbers, ${row.totals.sum.toFixed()}`;
}

const rebuild = () => rebuildRollups(scopedTo(app.orm.em, caller.organizationId), caller.organizationId, metricId);

describe('numbers of events', () => {
  test('count to their last digit as they arrive, as they are read and as they are rolled up again', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(spelled, { minLength: 1, maxLength: 40 }), async (values) => {
        const subscription = randomUUID();
        await send(subscription, values);
        const numbers = values.flatMap(({ worth }) => worth ?? []);
        const sum = numbers.reduce((total, number) => total.plus(number), new Decimal(0));
        const exact = `${numbers.length} numbers, ${sum.toFixed()}`;
        expect(await usageOf(subscription, true)).toBe(exact);
        expect(await usageOf(subscription, false)).toBe(exact);
        await rebuild();
        expect(await usageOf(subscription, true)).toBe(exact);
      }),
      { numRuns: 40 },
    );
  });

  test.each([
    ['1.23456789012345678E+10', '12345678901.2345678'],
    ['1E-7', '0.0000001'],
    ['-0', '0'],
    ['9007199254740993', '9007199254740993'],
    ['0.10', '0.1'],
    ['-1.5e3', '-1500'],
    [`1e49`, `1${'0'.repeat(49)}`],
  ])('%s counts %s, and is a number of the same worth in answers and lists', async (json, counted) => {
    const subscription = randomUUID();
    await send(subscription, [{ json, worth: undefined }]);
    expect(await usageOf(subscription, true)).toBe(`1 numbers, ${counted}`);
    expect(await usageOf(subscription, false)).toBe(`1 numbers, ${counted}`);
    const response = await fetch(`${app.url}/api/v1/events?external_subscription_id=${subscription}`, {
      headers: { Authorization: `Bearer ${caller.key}` },
    });
    const shown = /"properties":\{"v":([^,"]+),/.exec(await response.text())?.[1];
    expect(new Decimal(shown ?? 'NaN').toFixed()).toBe(new Decimal(counted).toFixed());
  });

  test.each([
    '1e50',
    '-1e49',
    '1e-49',
    '1e400',
    '1e-400',
    '1e999999999',
    '-1E99999999999999999999',
    '1e-99999999999999999999',
  ])('%s is refused wherever it stands in the properties, and nothing is stored', async (json) => {
    for (const place of [json, `[[${json}]]`, `{"a":{"b":${json}}}`]) {
      const event = `{"transaction_id":"${randomUUID()}","external_subscription_id":"absurd","code":"v","properties":{"v":${place}}}`;
      const one = await caller.send('POST', '/events', `{"event":${event}}`);
      expect(one.status).toBe(422);
      expect(at(one.body, 'error_details')).toEqual({ 'properties.v': ['value_is_out_of_range'] });
      const batch = await caller.send('POST', '/events/batch', `{"events":[${event}]}`);
      expect(batch.status).toBe(422);
      expect(at(batch.body, 'error_details')).toEqual({ 0: { 'properties.v': ['value_is_out_of_range'] } });
    }
    expect(await caller.ok('GET', '/events?external_subscription_id=absurd')).toMatchObject({ events: [] });
  });
});
