// A page of customers is billed as each of them would be alone: two organizations live the same months, one billed by
// look-ahead, the other customer by customer (docs/architecture/periods.md).
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { lookAheadLimits } from '../../../activities/look-ahead-limits.ts';
import { actsByHand } from '../../support/acts-by-hand.ts';
import { listeningApp, type Caller, type ListeningApp } from '../api/listening-app.ts';

let app: ListeningApp;

beforeAll(async () => {
  app = await listeningApp();
});
afterAll(() => app.close());

const CUSTOMERS = 24;

const CURRENCIES = ['EUR', 'USD', 'JPY'] as const;

/** Plans in three currencies, in arrears and in advance, with trials, usage, taxes and a coupon. */
async function setUp(caller: Caller): Promise<void> {
  await caller.ok('POST', '/taxes', { tax: { name: 'VAT', code: 'vat', rate: '19', applied_to_organization: true } });
  await caller.ok('POST', '/taxes', { tax: { name: 'City', code: 'city', rate: '2.5' } });
  await caller.ok('POST', '/coupons', {
    coupon: {
      name: 'Tenth',
      code: 'tenth',
      coupon_type: 'percentage',
      percentage_rate: '10',
      frequency: 'recurring',
      frequency_duration: 2,
      expiration: 'no_expiration',
    },
  });
  await caller.ok('POST', '/billable_metrics', {
    billable_metric: { name: 'Calls', code: 'calls', aggregation_type: 'sum_agg', field_name: 'size' },
  });
  const { billable_metrics: metrics } = (await caller.ok('GET', '/billable_metrics')) as {
    billable_metrics: { lago_id: string }[];
  };
  for (const [index, currency] of CURRENCIES.entries()) {
    for (const inAdvance of [false, true]) {
      await caller.ok('POST', '/plans', {
        plan: {
          name: `${currency} ${inAdvance}`,
          code: `${currency}-${inAdvance}`,
          interval: index === 1 ? 'weekly' : 'monthly',
          amount_cents: 3100 + index,
          amount_currency: currency,
          pay_in_advance: inAdvance,
          trial_period: index === 2 ? 10 : 0,
          ...(index === 1 && { tax_codes: ['city'] }),
          charges: [
            {
              billable_metric_id: metrics[0]!.lago_id,
              charge_model: 'standard',
              properties: { amount: '0.0123' },
            },
          ],
        },
      });
    }
  }
}

async function subscribe(caller: Caller): Promise<void> {
  for (let index = 0; index < CUSTOMERS; index++) {
    const currency = CURRENCIES[index % 3]!;
    await caller.ok('POST', '/customers', {
      customer: {
        external_id: `c${index}`,
        timezone: ['UTC', 'America/New_York', 'Asia/Tokyo'][index % 5 === 0 ? 1 : index % 7 === 0 ? 2 : 0],
        ...(index % 4 === 0 && { tax_codes: ['city'] }),
      },
    });
    if (index % 3 === 1) {
      await caller.ok('POST', '/applied_coupons', {
        applied_coupon: { external_customer_id: `c${index}`, coupon_code: 'tenth' },
      });
    }
    for (const [place, inAdvance] of (index % 6 === 5 ? [true, false] : [index % 2 === 0]).entries()) {
      await caller.ok('POST', '/subscriptions', {
        subscription: {
          external_customer_id: `c${index}`,
          external_id: `s${index}-${place}`,
          plan_code: `${currency}-${inAdvance}`,
          billing_time: index % 8 === 0 ? 'anniversary' : 'calendar',
        },
      });
    }
  }
}

const sendUsage = (caller: Caller, day: string) =>
  caller.ok('POST', '/events/batch', {
    events: Array.from({ length: CUSTOMERS }, (_, index) => ({
      transaction_id: `${day}-${index}`,
      external_subscription_id: `s${index}-0`,
      code: 'calls',
      timestamp: Date.parse(`${day}T12:00:00Z`) / 1000,
      properties: { size: 7.5 * index },
    })),
  });

/** Lives two months. @returns how many acts were done by others' workflows. */
async function live(caller: Caller, customers: number): Promise<number> {
  const { organizationId } = caller;
  const acts = actsByHand(app.orm, organizationId, { lookAhead: lookAheadLimits(customers) });
  const start = () =>
    app.rows(`update acts set state = 'waiting' where organization_id = $1 and state = 'wanted' and kind = 'period'`, [
      organizationId,
    ]);
  await acts.run('2023-01-10T09:00:00Z');
  await setUp(caller);
  await subscribe(caller);
  for (let day = new Date('2023-01-11T00:00:00Z'); day <= new Date('2023-03-03T00:00:00Z');) {
    await start();
    await acts.run(day.toISOString());
    const today = day.toISOString().slice(0, 10);
    if (today.endsWith('5')) await sendUsage(caller, today);
    day = new Date(day.getTime() + 86_400_000);
  }
  const [row] = await app.rows<{ count: number }>(
    `select count(*)::int as count from acts where organization_id = $1 and done_by is not null`,
    [organizationId],
  );
  return row!.count;
}

/** Everything on the invoices but ids. */
const invoicesOf = ({ organizationId }: Caller) =>
  app.rows(
    `select customer.external_id, invoice.number, invoice.issuing_date, invoice.currency, invoice.status,
            invoice.fees_amount_cents, invoice.taxes_amount_cents, invoice.taxes_rate, invoice.total_amount_cents,
            invoice.coupons_amount_cents, invoice.payment_status, invoice.tax_status, invoice.timezone, invoice.payment_due_date,
       (select json_agg(json_build_array(fee.position, fee.fee_type, fee.units, fee.amount_cents,
                fee.precise_amount_cents, fee.precise_unit_amount, fee.taxes_amount_cents, fee.from_datetime,
                fee.to_datetime, fee.events_count, fee.amount_details) order by fee.position)
        from fees fee where fee.invoice_id = invoice.id) as fees,
       (select json_agg(json_build_array(tax.tax_code, tax.amount_cents, tax.fees_amount_cents) order by tax.tax_code)
        from invoice_applied_taxes tax where tax.invoice_id = invoice.id) as taxes,
       (select json_agg(json_build_array(line.timestamp, line.from_datetime, line.to_datetime,
                line.charges_from_datetime, line.charges_to_datetime, line.invoicing_reason, line.recurring)
                order by line.timestamp, line.invoicing_reason)
        from invoice_subscriptions line where line.invoice_id = invoice.id) as windows
     from invoices invoice join customers customer on customer.id = invoice.customer_id
     where invoice.organization_id = $1
     order by customer.external_id, invoice.number`,
    [organizationId],
  );

test('invoices of pages equal those that are made one by one, their numbers too', async () => {
  const settings = { document_number_prefix: 'ORG-1' };
  const paged = await app.organization(settings);
  const single = await app.organization(settings);
  // Where a customer has two subscriptions, one bills the other's too.
  const alone = await live(single, 0);
  expect(await live(paged, 50)).toBeGreaterThan(alone + CUSTOMERS);
  const expected = await invoicesOf(single);
  expect(expected.length).toBeGreaterThan(3 * CUSTOMERS);
  expect(await invoicesOf(paged)).toEqual(expected);
});
