// The check of a VAT number with the real client against the stand-in of VIES, its acts done by hand: waits are moments
// of the organization's clock and cost no time (spec, money 1.7; S064 to S066).
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import type { ActivityDependencies } from '../../../activities/dependencies.ts';
import { makeAskVies, type ViesOptions } from '../../../activities/taxes/ask-vies.ts';
import { viesTriesTotal } from '../../../telemetry/figures.ts';
import { actsByHand, type ActsByHand } from '../../support/acts-by-hand.ts';
import { viesStandIn, type ViesReply, type ViesStandIn } from '../../support/servers/vies-stand-in.ts';
import { listeningApp, type Caller, type ListeningApp } from '../api/listening-app.ts';

const START = '2024-03-01T10:00:00Z';
const ITALIAN = 'IT10000000001';

let app: ListeningApp;
let vies: ViesStandIn;
let caller: Caller;
let acts: ActsByHand;

beforeAll(async () => {
  app = await listeningApp();
});

beforeEach(async () => {
  vies = await viesStandIn();
  caller = await frenchOrganization();
  acts = byHand();
  await acts.run(START);
  await caller.ok('POST', '/add_ons', {
    add_on: { name: 'Setup', code: 'setup', amount_cents: 1000, amount_currency: 'EUR' },
  });
});

afterEach(() => vies.close());

afterAll(() => app.close());

async function frenchOrganization(): Promise<Caller> {
  const made = await app.organization({ default_currency: 'EUR', document_number_prefix: 'ORG-1' });
  await made.ok('PUT', '/organizations', { organization: { country: 'FR', eu_tax_management: true } });
  await made.ok('POST', '/webhook_endpoints', { webhook_endpoint: { webhook_url: 'http://nobody.invalid/' } });
  return made;
}

const byHand = (options: Partial<ViesOptions> = {}, overrides: Partial<ActivityDependencies> = {}): ActsByHand =>
  actsByHand(app.orm, caller.organizationId, {
    askVies: makeAskVies({ url: vies.url, requester: null, ...options }),
    ...overrides,
  });

const saveCustomer = async (customer: object = {}): Promise<any> =>
  ((await caller.ok('POST', '/customers', { customer: { external_id: 'c', currency: 'EUR', ...customer } })) as any)
    .customer;
const customerNow = async (id = 'c'): Promise<any> => ((await caller.ok('GET', `/customers/${id}`)) as any).customer;
const taxCodesOf = async (id = 'c'): Promise<string[]> => (await customerNow(id)).taxes.map(({ code }: any) => code);

const billOnce = async (id = 'c'): Promise<any> =>
  (
    (await caller.ok('POST', '/invoices', {
      invoice: { external_customer_id: id, fees: [{ add_on_code: 'setup' }] },
    })) as any
  ).invoice;
const invoiceNow = async (id: string): Promise<any> => {
  const [invoice] = await app.rows<any>('select * from invoices where id = $1', [id]);
  return invoice;
};

/** Of a kind, in the order in which they were written; `at` is the moment of the organization's clock. */
const webhooks = async (type: string): Promise<{ at: string; body: any }[]> =>
  app.rows(
    `select created_at as at, payload::json as body from webhooks where organization_id = $1 and webhook_type = $2
     order by created_at, id`,
    [caller.organizationId, type],
  );
const openActs = (): Promise<{ id: string; state: string }[]> =>
  app.rows(`select id, state from acts where organization_id = $1 and kind = any($2) and state <> 'done' order by id`, [
    caller.organizationId,
    ['vies', 'taxInvoice', 'refresh'],
  ]);

describe('VIES that fails', () => {
  test('twenty times and then answers: one check, twenty errors, one result, the right tax', async () => {
    const failures: ViesReply[] = [
      'MS_UNAVAILABLE',
      'TIMEOUT',
      'GLOBAL_MAX_CONCURRENT_REQ',
      'IP_BLOCKED',
      'SERVICE_UNAVAILABLE',
      (response) => void response.writeHead(503).end(),
      (response) => void response.end('<html>'),
      (response) => void response.destroy(),
      (response) => void response.writeHead(429).end(),
      (response) => void response.end(`{"valid": true, "name": "${'n'.repeat(2_000_000)}"}`),
    ];
    vies.says(ITALIAN, ...failures, ...failures, { valid: true, name: 'Roma SRL' });
    await saveCustomer({ tax_identification_number: ITALIAN, country: 'IT' });
    const { lago_id: id, status } = await billOnce();
    expect(status).toBe('pending');

    await acts.advance('2024-03-02T02:19:59Z');
    expect(vies.calls).toHaveLength(20);
    expect(await invoiceNow(id)).toMatchObject({ status: 'pending', sequential_id: null, taxes_amount_cents: '0' });
    await acts.advance('2024-03-03T00:00:00Z');
    expect(vies.calls.map(({ number }) => number)).toEqual(Array.from({ length: 21 }, () => ITALIAN));

    const told = await webhooks('customer.vies_check');
    const checks = told.map(({ body }) => body.customer.vies_check);
    expect(checks.slice(0, 20)).toEqual(
      Array.from({ length: 20 }, () => ({ valid: false, valid_format: true, error: expect.any(String) })),
    );
    expect(checks.slice(20)).toMatchObject([{ valid: true, country_code: 'IT', name: 'Roma SRL' }]);
    const times = told.map(({ at }) => Date.parse(at));
    expect(times[0]).toBe(Date.parse(START));
    expect(times.slice(1).map((at, index) => (at - times[index]!) / 60_000)).toEqual([
      ...[5, 5, 10, 20, 40],
      ...Array.from({ length: 15 }, () => 60),
    ]);
    expect(await taxCodesOf()).toEqual(['lago_eu_reverse_charge']);
    expect(await invoiceNow(id)).toMatchObject({
      status: 'finalized',
      tax_status: 'succeeded',
      sequential_id: 1,
      issuing_date: '2024-03-02',
      taxes_amount_cents: '0',
      total_amount_cents: '1000',
    });
    expect(await webhooks('invoice.one_off_created')).toHaveLength(1);
    expect(await openActs()).toEqual([]);
  });

  test('is shown on the customer, in the list of workflows, and no more once it has answered', async () => {
    vies.says(ITALIAN, 'MS_UNAVAILABLE', { valid: true });
    const { lago_id: customerId } = await saveCustomer({ tax_identification_number: ITALIAN });
    await acts.run(START);
    expect((await customerNow()).pending_vies_check).toEqual({
      tax_identification_number: ITALIAN,
      attempts: 1,
      last_attempt_at: START,
      next_attempt_at: '2024-03-01T10:05:00Z',
      last_error_type: 'member_state_unavailable',
      last_error_message: 'VIES answered MS_UNAVAILABLE',
      created_at: START,
    });
    const { workflows } = (await caller.ok('GET', '/workflows?kind=vies')) as any;
    expect(workflows).toMatchObject([{ id: `vies/${customerId}`, kind: 'vies', state: 'waiting' }]);
    await acts.advance('2024-03-01T10:05:00Z');
    expect((await customerNow()).pending_vies_check).toBeNull();
  });

  test('and refuses us: somebody is warned, and the check goes on', async () => {
    const warnings: unknown[] = [];
    vies.says(ITALIAN, 'INVALID_REQUESTER_INFO', 'IP_BLOCKED', 'MS_UNAVAILABLE', { valid: true });
    const { lago_id: customerId } = await saveCustomer({ tax_identification_number: ITALIAN });
    await byHand({}, { warn: (_message, facts) => void warnings.push(facts) }).advance('2024-03-02T00:00:00Z');
    expect(warnings).toEqual([
      { errorType: 'invalid_requester', customerId },
      { errorType: 'blocked', customerId },
    ]);
    expect(await taxCodesOf()).toEqual(['lago_eu_reverse_charge']);
  });

  test('leaves the proof of its answer, where we say who asks', async () => {
    vies.says(ITALIAN, { valid: true });
    await saveCustomer({ tax_identification_number: ITALIAN });
    await byHand({ requester: { countryCode: 'FR', number: '12345678901' } }).run(START);
    const kept = await app.rows(
      'select answer from vies_checks where answered_at is not null and organization_id = $1',
      [caller.organizationId],
    );
    expect(kept).toMatchObject([{ answer: { consultationNumber: 'WAPIAAAAW1' } }]);
  });

  test('by answering after 15 seconds: it is asked again, and what it said too late is not taken', async () => {
    vies.says(
      ITALIAN,
      (response) => {
        const late = JSON.stringify({ countryCode: 'IT', vatNumber: ITALIAN.slice(2), valid: false });
        const answering = setTimeout(() => response.end(late), 15_000);
        response.once('close', () => clearTimeout(answering));
      },
      { valid: true },
    );
    await saveCustomer({ tax_identification_number: ITALIAN, country: 'IT' });
    const { lago_id: id } = await billOnce();
    await acts.run(START);
    expect((await customerNow()).pending_vies_check).toMatchObject({ attempts: 1, last_error_type: 'timeout' });
    expect(await invoiceNow(id)).toMatchObject({ status: 'pending', sequential_id: null });
    await acts.advance('2024-03-01T10:05:00Z');
    expect(vies.calls).toHaveLength(2);
    expect(await taxCodesOf()).toEqual(['lago_eu_reverse_charge']);
    expect(await invoiceNow(id)).toMatchObject({ status: 'finalized', taxes_amount_cents: '0' });
  }, 60_000);

  test('again and again, and answers in between: each number gets its answer at its first try that goes well', async () => {
    // Down at even tries and for the first three customers at one more; numbers that change while it is down.
    const numbers = Array.from({ length: 8 }, (_, index) => `IT3000000000${index}`);
    for (const [index, number] of numbers.entries()) {
      const down = Array.from({ length: index % 4 }, (_, place) => (place % 2 === 0 ? 'MS_UNAVAILABLE' : 'TIMEOUT'));
      vies.says(number, ...down, { valid: index % 2 === 0 }, 'SERVICE_UNAVAILABLE');
      await saveCustomer({ external_id: `f${index}`, tax_identification_number: number, country: 'IT' });
      await billOnce(`f${index}`);
    }
    await acts.advance('2024-03-01T12:00:00Z');
    for (const [index, number] of numbers.entries()) {
      expect(vies.calls.filter((call) => call.number === number)).toHaveLength((index % 4) + 1);
      expect(await taxCodesOf(`f${index}`)).toEqual([
        index % 2 === 0 ? 'lago_eu_reverse_charge' : 'lago_eu_it_standard',
      ]);
    }
    // Its number changes while it is down again, and back: what it knew of it is asked for anew.
    vies.says(numbers[0]!, 'MS_UNAVAILABLE', { valid: false });
    vies.says('IT40000000000', 'MS_UNAVAILABLE');
    await saveCustomer({ external_id: 'f0', tax_identification_number: 'IT40000000000' });
    await acts.run('2024-03-01T12:00:00Z');
    await saveCustomer({ external_id: 'f0', tax_identification_number: numbers[0] });
    await acts.advance('2024-03-01T13:00:00Z');
    expect(await taxCodesOf('f0')).toEqual(['lago_eu_it_standard']);
    expect(
      await app.rows(
        `select status, tax_status, count(*)::int as count from invoices where organization_id = $1 group by 1, 2`,
        [caller.organizationId],
      ),
    ).toEqual([{ status: 'finalized', tax_status: 'succeeded', count: 8 }]);
    expect(await openActs()).toEqual([]);
  });

  test('and answers is counted by what it says', async () => {
    const tries = async (result: string): Promise<number> =>
      (await viesTriesTotal.get()).values.find(({ labels }) => labels['result'] === result)?.value ?? 0;
    const results = ['member_state_unavailable', 'timeout', 'valid'];
    const before = await Promise.all(results.map(tries));
    vies.says(ITALIAN, 'MS_UNAVAILABLE', 'MS_UNAVAILABLE', 'TIMEOUT', { valid: true });
    await saveCustomer({ tax_identification_number: ITALIAN });
    await acts.advance('2024-03-02T00:00:00Z');
    const after = await Promise.all(results.map(tries));
    expect(after.map((count, index) => count - before[index]!)).toEqual([2, 1, 1]);
  });

  test('72 hours, for 50 customers in the end: nothing is final, then everything is, and nobody is asked twice', async () => {
    const early: ViesReply[] = [
      'MS_UNAVAILABLE',
      'MS_MAX_CONCURRENT_REQ',
      (response) => void response.end('garbage'),
      (response) => void response.writeHead(500).end('{"valid": true}'),
      (response) => void response.destroy(),
      (response) => void response.end(`{"valid": true, "name": "${'n'.repeat(2_000_000)}"}`),
    ];
    const numbers = Array.from({ length: 50 }, (_, index) => `IT${20_000_000_000 + index}`);
    const come = async (from: number, to: number): Promise<void> => {
      for (let index = from; index < to; index += 1) {
        const number = numbers[index]!;
        vies.says(number, early[index] ?? 'MS_UNAVAILABLE');
        await saveCustomer({ external_id: `c${index}`, tax_identification_number: number, country: 'IT' });
        await billOnce(`c${index}`);
      }
    };
    const asked = (): number[] => {
      const calls = Map.groupBy(vies.calls, ({ number }) => number);
      return numbers.map((number) => calls.get(number)?.length ?? 0);
    };
    const invoices = () =>
      app.rows(
        `select status, count(*)::int as count, count(sequential_id)::int as numbers,
                count(*) filter (where tax_status <> 'succeeded')::int as untaxed
         from invoices where organization_id = $1 group by status`,
        [caller.organizationId],
      );
    await come(0, early.length);
    await acts.advance('2024-03-04T08:00:00Z');
    await come(early.length, numbers.length);
    await acts.advance('2024-03-04T10:00:00Z');
    // At 0, 5, 10, 20, 40 and 80 minutes, and an hour after the one before.
    expect(asked()).toEqual(numbers.map((_, index) => (index < early.length ? 76 : 6)));
    expect(await invoices()).toEqual([{ status: 'pending', count: 50, numbers: 0, untaxed: 50 }]);
    for (const number of numbers) vies.says(number, { valid: true });
    await acts.advance('2024-03-04T11:00:00Z');
    expect(asked()).toEqual(numbers.map((_, index) => (index < early.length ? 77 : 7)));
    expect(await invoices()).toEqual([{ status: 'finalized', count: 50, numbers: 50, untaxed: 0 }]);
    expect(await openActs()).toEqual([]);
  }, 180_000);
});

test('a tax set by hand stays until the number changes (S066)', async () => {
  vies.says(ITALIAN, { valid: true });
  await saveCustomer({ tax_identification_number: ITALIAN, country: 'IT' });
  await acts.run(START);
  await caller.ok('POST', '/taxes', { tax: { name: 'Own', code: 'own', rate: 10 } });
  await saveCustomer({ tax_codes: ['own'] });
  await saveCustomer({ name: 'Roma SRL', tax_identification_number: ITALIAN });
  expect(await customerNow()).toMatchObject({ taxes: [{ code: 'own' }], pending_vies_check: null });
  await saveCustomer({ tax_identification_number: null });
  expect(await taxCodesOf()).toEqual(['lago_eu_it_standard']);
});

test('an EU tax that is deleted is not found when a request names it; the one that is decided on is made again', async () => {
  const rateOf = async (code: string): Promise<number> => ((await caller.ok('GET', `/taxes/${code}`)) as any).tax.rate;
  await saveCustomer({ country: 'DE' });
  await caller.ok('PUT', '/taxes/lago_eu_fr_standard', { tax: { rate: 21 } });
  await caller.ok('DELETE', '/taxes/lago_eu_it_standard');
  const named = { external_id: 'c', tax_codes: ['lago_eu_it_standard'] };
  expect(await caller.send('POST', '/customers', { customer: named })).toMatchObject({
    status: 404,
    body: { code: 'tax_not_found' },
  });
  expect(await caller.send('GET', '/taxes/lago_eu_it_standard')).toMatchObject({ status: 404 });
  await saveCustomer({ country: 'IT' });
  expect(await taxCodesOf()).toEqual(['lago_eu_it_standard']);
  expect(await rateOf('lago_eu_it_standard')).toBe(22);
  expect(await rateOf('lago_eu_fr_standard')).toBe(21);
});

/** An event of a charge in advance without an invoice; it costs 10 euros. */
const useOnce = async (transaction_id: string): Promise<any> => {
  await caller.ok('POST', '/events', {
    event: { transaction_id, external_subscription_id: 's', code: 'calls', properties: { n: 1 } },
  });
  await acts.run(START);
  const { fees } = (await caller.ok('GET', `/fees?event_transaction_id=${transaction_id}`)) as any;
  return fees[0];
};

const subscribeInAdvance = async (charge: object = {}): Promise<void> => {
  const { billable_metric: metric } = (await caller.ok('POST', '/billable_metrics', {
    billable_metric: { name: 'Calls', code: 'calls', aggregation_type: 'sum_agg', field_name: 'n' },
  })) as any;
  const inAdvance = {
    charge_model: 'standard',
    properties: { amount: '10' },
    pay_in_advance: true,
    invoiceable: false,
  };
  await caller.ok('POST', '/plans', {
    plan: {
      name: 'Gold',
      code: 'gold',
      interval: 'monthly',
      amount_cents: 0,
      amount_currency: 'EUR',
      pay_in_advance: false,
      charges: [{ billable_metric_id: metric.lago_id, ...inAdvance, ...charge }],
    },
  });
  await caller.ok('POST', '/subscriptions', {
    subscription: { external_customer_id: 'c', external_id: 's', plan_code: 'gold' },
  });
};

describe('a fee without an invoice does not wait', () => {
  const taxesOfFee = ({ applied_taxes }: any): string[] => applied_taxes.map(({ tax_code }: any) => tax_code);

  test('it has the tax of whoever has no number, the answer counts for the next', async () => {
    vies.says(ITALIAN, 'MS_UNAVAILABLE', { valid: true });
    await saveCustomer({ tax_identification_number: ITALIAN, country: 'IT' });
    await subscribeInAdvance();
    const early = await useOnce('e1');
    expect(early).toMatchObject({ taxes_amount_cents: 220, taxes_rate: 22, total_amount_cents: 1220 });
    expect(taxesOfFee(early)).toEqual(['lago_eu_it_standard']);
    const { fees } = (await caller.ok('POST', '/events/estimate_fees', {
      event: { external_subscription_id: 's', code: 'calls', properties: { n: 1 } },
    })) as any;
    expect(fees).toMatchObject([{ taxes_amount_cents: 220 }]);

    await acts.advance('2024-03-01T10:05:00Z');
    expect(await taxCodesOf()).toEqual(['lago_eu_reverse_charge']);
    expect(taxesOfFee(await useOnce('e2'))).toEqual(['lago_eu_reverse_charge']);
    const { fee } = (await caller.ok('GET', `/fees/${early.lago_id}`)) as any;
    expect(fee).toMatchObject({ taxes_amount_cents: 220, total_amount_cents: 1220 });
  });

  test('what it had before its facts changed does not count, what its charge has does', async () => {
    vies.says(ITALIAN, { valid: true }, 'MS_UNAVAILABLE');
    await saveCustomer({ tax_identification_number: ITALIAN, country: 'IT' });
    await subscribeInAdvance();
    expect(taxesOfFee(await useOnce('e1'))).toEqual(['lago_eu_reverse_charge']);
    await saveCustomer({ country: null });
    expect(taxesOfFee(await useOnce('e2'))).toEqual(['lago_eu_fr_standard']);
    await caller.ok('DELETE', '/taxes/lago_eu_fr_standard');
    const [deleted] = (await useOnce('e3')).applied_taxes;
    expect(deleted).toMatchObject({ tax_code: 'lago_eu_fr_standard', tax_rate: 20, lago_tax_id: null });
    await caller.ok('POST', '/taxes', { tax: { name: 'Own', code: 'own', rate: 10 } });
    await caller.ok('PUT', '/plans/gold', { plan: { tax_codes: ['own'] } });
    expect(taxesOfFee(await useOnce('e4'))).toEqual(['own']);
  });
});

describe('a number that changes', () => {
  test('five times while VIES is down: one check, and the answer to the last number', async () => {
    const numbers = Array.from({ length: 6 }, (_, index) => `IT1000000000${index}`);
    for (const number of numbers) vies.says(number, 'MS_UNAVAILABLE');
    for (const [index, number] of numbers.entries()) {
      await saveCustomer({ tax_identification_number: number, country: 'IT' });
      await acts.advance(`2024-03-01T${10 + index}:59:00Z`);
    }
    expect(
      await app.rows('select state from acts where organization_id = $1 and kind = $2', [
        caller.organizationId,
        'vies',
      ]),
    ).toEqual([{ state: 'waiting' }]);
    // The waits began anew with each: at 0, 5, 10, 20 and 40 minutes.
    expect((await customerNow()).pending_vies_check).toMatchObject({
      tax_identification_number: numbers[5],
      attempts: 5,
      next_attempt_at: '2024-03-01T16:19:00Z',
    });
    for (const number of numbers) vies.says(number, { valid: number === numbers[5] });
    const before = vies.calls.length;
    await acts.advance('2024-03-03T00:00:00Z');
    expect(vies.calls.slice(before).map(({ number }) => number)).toEqual([numbers[5]]);
    expect(await taxCodesOf()).toEqual(['lago_eu_reverse_charge']);
    const told = (await webhooks('customer.vies_check')).map(({ body }) => body.customer.vies_check);
    expect(told.filter(({ error }) => error === undefined)).toMatchObject([{ valid: true }]);
    expect(
      await app.rows('select tax_identification_number as number from vies_checks where organization_id = $1', [
        caller.organizationId,
      ]),
    ).toEqual([{ number: numbers[5] }]);
  });

  test('is asked about at once, not when the last try would have been repeated', async () => {
    vies.says(ITALIAN, 'MS_UNAVAILABLE');
    vies.says('IT10000000002', { valid: true });
    await saveCustomer({ tax_identification_number: ITALIAN });
    await acts.advance('2024-03-01T10:45:00Z');
    await saveCustomer({ tax_identification_number: 'IT10000000002' });
    expect(await openActs()).toMatchObject([{ state: 'wanted' }]);
    await acts.run('2024-03-01T10:45:00Z');
    expect(await taxCodesOf()).toEqual(['lago_eu_reverse_charge']);
  });

  test.each([
    ['country', { country: 'IT' }],
    ['postal code', { zipcode: '00146' }],
  ])('so does its %s', async (_what, change) => {
    vies.says(ITALIAN, 'MS_UNAVAILABLE');
    await saveCustomer({ tax_identification_number: ITALIAN, country: 'FR', zipcode: '75001' });
    await acts.run(START);
    await saveCustomer(change);
    expect((await customerNow()).pending_vies_check).toMatchObject({ attempts: 0, next_attempt_at: null });
    await acts.run(START);
    expect(vies.calls).toHaveLength(2);
  });

  test('anything else leaves the waits as they are', async () => {
    vies.says(ITALIAN, 'MS_UNAVAILABLE');
    await saveCustomer({ tax_identification_number: ITALIAN });
    await acts.run(START);
    await saveCustomer({ name: 'Roma SRL', tax_identification_number: ITALIAN });
    await acts.run(START);
    expect(vies.calls).toHaveLength(1);
    expect((await customerNow()).pending_vies_check).toMatchObject({ attempts: 1 });
  });

  test('while it is asked about: that answer changes nothing', async () => {
    vies.says(ITALIAN, (response) => {
      void saveCustomer({ tax_identification_number: 'FR10000000002' }).then(() =>
        response.end(JSON.stringify({ countryCode: 'IT', vatNumber: '10000000001', valid: true })),
      );
    });
    vies.says('FR10000000002', { valid: false });
    await saveCustomer({ tax_identification_number: ITALIAN, country: 'FR' });
    await acts.run(START);
    expect(vies.calls.map(({ number }) => number)).toEqual([ITALIAN, 'FR10000000002']);
    expect(await taxCodesOf()).toEqual(['lago_eu_fr_standard']);
    const told = (await webhooks('customer.vies_check')).map(({ body }) => body.customer.vies_check);
    expect(told).toEqual([{ valid: false, valid_format: true }]);
  });

  test('after its answer was kept and before that is applied: it counts no more', async () => {
    vies.says(ITALIAN, { valid: true });
    vies.says('IT10000000002', { valid: false });
    await saveCustomer({ tax_identification_number: ITALIAN, country: 'IT' });
    const dying = byHand({}, { fault: dieAt('vies:answer-kept') });
    await expect(dying.run(START)).rejects.toThrow('vies:answer-kept');
    await saveCustomer({ tax_identification_number: 'IT10000000002' });
    await acts.run(START);
    expect(await taxCodesOf()).toEqual(['lago_eu_it_standard']);
  });
});

const dieAt = (place: string) => (reached: string) => {
  if (reached === place) throw new Error(place);
};

test.each(['vies:answer-kept', 'vies:before-apply', 'vies:before-commit', 'vies:after-commit', 'vies:ended'])(
  'what ends at %s goes on without another question',
  async (place) => {
    vies.says(ITALIAN, { valid: true });
    await saveCustomer({ tax_identification_number: ITALIAN, country: 'IT' });
    const { lago_id: id } = await billOnce();
    await expect(byHand({}, { fault: dieAt(place) }).run(START)).rejects.toThrow(place);
    await acts.run(START);
    expect(vies.calls).toHaveLength(1);
    expect(await webhooks('customer.vies_check')).toHaveLength(1);
    expect(await webhooks('invoice.one_off_created')).toHaveLength(1);
    expect(await invoiceNow(id)).toMatchObject({ status: 'finalized', sequential_id: 1 });
  },
);

describe('a check that nobody wants any more', () => {
  const expectEnd = async (end: () => Promise<unknown>, expected: { taxes: string; total: string }): Promise<void> => {
    vies.says(ITALIAN, 'MS_UNAVAILABLE');
    await caller.ok('POST', '/taxes', {
      tax: { name: 'Own', code: 'own', rate: 10, applied_to_organization: true },
    });
    await saveCustomer({ tax_identification_number: ITALIAN, country: 'IT' });
    const { lago_id: id } = await billOnce();
    await acts.advance('2024-03-01T11:00:00Z');
    const asked = vies.calls.length;
    await end();
    await acts.advance('2024-03-02T00:00:00Z');
    expect(vies.calls).toHaveLength(asked);
    expect(await openActs()).toEqual([]);
    expect(await app.rows('select 1 from vies_checks where organization_id = $1', [caller.organizationId])).toEqual([]);
    expect(await invoiceNow(id)).toMatchObject({
      status: 'finalized',
      issuing_date: '2024-03-01',
      taxes_amount_cents: expected.taxes,
      total_amount_cents: expected.total,
    });
  };

  test('since the number was removed', () =>
    expectEnd(() => saveCustomer({ tax_identification_number: null }), { taxes: '220', total: '1220' }));

  test('since the customer was deleted', () =>
    expectEnd(() => caller.ok('DELETE', '/customers/c'), { taxes: '100', total: '1100' }));

  test('since EU tax management was turned off', () =>
    expectEnd(() => caller.ok('PUT', '/organizations', { organization: { eu_tax_management: false } }), {
      taxes: '100',
      total: '1100',
    }));
});

describe('invoices of a customer whose number is checked', () => {
  const draft = async (): Promise<string> => {
    await caller.ok('POST', '/plans', {
      plan: {
        name: 'Plan',
        code: 'p',
        interval: 'monthly',
        amount_cents: 3100,
        amount_currency: 'EUR',
        pay_in_advance: true,
      },
    });
    await caller.ok('POST', '/subscriptions', {
      subscription: { external_customer_id: 'c', external_id: 's', plan_code: 'p', billing_time: 'anniversary' },
    });
    await acts.run(START);
    const [made] = await app.rows<{ id: string }>('select id from invoices where organization_id = $1', [
      caller.organizationId,
    ]);
    return made!.id;
  };
  const graced = { billing_configuration: { invoice_grace_period: 10 } };

  test('a draft stays a draft, and gets its taxes with the answer', async () => {
    vies.says(ITALIAN, 'MS_UNAVAILABLE', { valid: false });
    await saveCustomer({ tax_identification_number: ITALIAN, country: 'IT', ...graced });
    const id = await draft();
    expect(await invoiceNow(id)).toMatchObject({ status: 'draft', tax_status: 'pending', taxes_amount_cents: '0' });
    await acts.advance('2024-03-01T10:05:00Z');
    expect(await invoiceNow(id)).toMatchObject({ status: 'draft', tax_status: 'succeeded', taxes_amount_cents: '682' });
  });

  test('also when it leaves the customer the taxes that it has', async () => {
    vies.says(ITALIAN, { valid: false });
    await saveCustomer({ tax_identification_number: ITALIAN, country: 'IT', ...graced });
    await acts.run(START);
    vies.says('IT10000000002', 'MS_UNAVAILABLE', { valid: false });
    await saveCustomer({ tax_identification_number: 'IT10000000002' });
    await acts.run(START);
    const id = await draft();
    expect(await invoiceNow(id)).toMatchObject({ status: 'draft', tax_status: 'pending' });
    await acts.advance('2024-03-01T10:05:00Z');
    expect(await invoiceNow(id)).toMatchObject({ status: 'draft', tax_status: 'succeeded', taxes_amount_cents: '682' });
  });

  test('a draft whose day comes first waits as pending, and is issued on the day of the answer', async () => {
    vies.says(ITALIAN, 'MS_UNAVAILABLE');
    await saveCustomer({ tax_identification_number: ITALIAN, country: 'IT', ...graced });
    const id = await draft();
    await acts.advance('2024-03-12T00:00:00Z');
    expect(await invoiceNow(id)).toMatchObject({ status: 'pending', tax_status: 'pending', sequential_id: null });
    vies.says(ITALIAN, { valid: true });
    await acts.advance('2024-03-13T00:00:00Z');
    expect(await invoiceNow(id)).toMatchObject({ status: 'finalized', tax_status: 'succeeded', sequential_id: 1 });
    expect(await webhooks('invoice.created')).toHaveLength(1);
  });

  test('what is released while another check is under way goes on waiting', async () => {
    vies.says(ITALIAN, { valid: true });
    vies.says('IT10000000002', 'MS_UNAVAILABLE', { valid: false });
    await saveCustomer({ tax_identification_number: ITALIAN, country: 'IT' });
    const { lago_id: id } = await billOnce();
    // Released, and before that is done the number changes.
    await expect(byHand({}, { fault: dieAt('vies:ended') }).run(START)).rejects.toThrow('vies:ended');
    await saveCustomer({ tax_identification_number: 'IT10000000002' });
    await acts.run(START);
    expect(await invoiceNow(id)).toMatchObject({ status: 'pending', sequential_id: null });
    await acts.advance('2024-03-01T10:05:00Z');
    expect(await invoiceNow(id)).toMatchObject({ status: 'finalized', taxes_amount_cents: '220' });
  });
});
