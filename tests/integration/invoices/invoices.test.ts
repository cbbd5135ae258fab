import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import type { RequiredEntityData } from '@mikro-orm/postgresql';
import { v7 } from 'uuid';
import { billPeriod } from '../../../activities/subscriptions/bill-period.ts';
import type { PeriodArgument } from '../../../activities/subscriptions/period-act.ts';
import { InvoiceError } from '../../../db/entities/invoices/invoice-error.ts';
import { Invoice } from '../../../db/entities/invoices/invoice.ts';
import { scopedTo } from '../../../db/orm.ts';
import { activityDependencies } from '../../support/activity-dependencies.ts';
import {
  asPlain,
  at,
  listeningApp,
  notFound,
  textAt,
  validationErrors,
  type Caller,
  type ListeningApp,
} from '../api/listening-app.ts';

let app: ListeningApp;
let caller: Caller;

const NOW = '2026-01-15T10:30:00.000Z';

beforeAll(async () => {
  app = await listeningApp();
});

beforeEach(async () => {
  caller = await app.organization({ document_number_prefix: 'ORG-1' });
  await clock(NOW);
});

afterAll(() => app.close());

const clock = (now: string) =>
  app.rows('update organizations set clock_now = $2 where id = $1', [caller.organizationId, now]);

const customer = async (external_id: string, attributes: Readonly<Record<string, unknown>> = {}) =>
  textAt(await caller.ok('POST', '/customers', { customer: { external_id, ...attributes } }), 'customer.lago_id');

/** Bills every period that is due at this moment. */
async function bill(now: string): Promise<void> {
  await clock(now);
  const acts = await app.rows<{ argument: PeriodArgument }>(
    "select argument from acts where organization_id = $1 and kind = 'period' and state <> 'done' and due_at <= $2",
    [caller.organizationId, now],
  );
  const dependencies = activityDependencies(app.orm, () => new Date(now));
  for (const { argument } of acts) await billPeriod(dependencies, argument);
}

/** A row as billing would have written it. */
async function invoice(customerId: string, attributes: Partial<RequiredEntityData<Invoice>> = {}): Promise<string> {
  const [entity] = await app.rows<{ id: string }>('select id from billing_entities where organization_id = $1', [
    caller.organizationId,
  ]);
  const em = scopedTo(app.orm.em, caller.organizationId);
  const row = em.create(Invoice, {
    id: v7(),
    organizationId: caller.organizationId,
    customerId,
    billingEntityId: entity?.id ?? '',
    invoiceType: 'subscription',
    status: 'finalized',
    paymentStatus: 'pending',
    number: 'ORG-1-001-001',
    issuingDate: '2026-01-31',
    paymentDueDate: '2026-01-31',
    expectedFinalizationDate: '2026-01-31',
    netPaymentTerm: 0,
    currency: 'EUR',
    timezone: 'UTC',
    timezoneDataVersion: 'test',
    totalAmountCents: 1000n,
    createdAt: new Date(NOW),
    updatedAt: new Date(NOW),
    ...attributes,
  } as RequiredEntityData<Invoice>);
  await em.flush();
  return row.id;
}

const idsOf = (body: unknown) => (at(body, 'invoices') as { lago_id: string }[]).map(({ lago_id }) => lago_id);
const listed = async (query: string) => idsOf(await caller.ok('GET', `/invoices${query}`));

describe('an invoice', () => {
  /** Half of January in Paris: 12 units of the spec's ranges A (usage 3.7), no call, 17 of 31 days of the fee. */
  async function billedJanuary() {
    await caller.ok('POST', '/customers', {
      customer: { external_id: 'c1', name: 'Acme', currency: 'EUR', timezone: 'Europe/Paris', net_payment_term: 30 },
    });
    const metrics = await Promise.all(
      ['bytes', 'calls'].map(async (code) => {
        const body = await caller.ok('POST', '/billable_metrics', {
          billable_metric: {
            name: `${code} used`,
            code,
            description: 'd',
            aggregation_type: 'sum_agg',
            field_name: 'v',
          },
        });
        return textAt(body, 'billable_metric.lago_id');
      }),
    );
    const plan = await caller.ok('POST', '/plans', {
      plan: {
        name: 'Startup',
        code: 'startup',
        description: 'For start-ups',
        interval: 'monthly',
        amount_cents: 3100,
        amount_currency: 'EUR',
        pay_in_advance: false,
        charges: [
          {
            billable_metric_id: metrics[0],
            charge_model: 'graduated',
            invoice_display_name: 'Traffic',
            properties: {
              graduated_ranges: [
                { from_value: 0, to_value: 10, per_unit_amount: '10', flat_amount: '2' },
                { from_value: 11, to_value: 20, per_unit_amount: '5', flat_amount: '3' },
                { from_value: 21, to_value: null, per_unit_amount: '5', flat_amount: '3' },
              ],
            },
          },
          { billable_metric_id: metrics[1], charge_model: 'standard', properties: { amount: '1' } },
        ],
      },
    });
    const subscription = await caller.ok('POST', '/subscriptions', {
      subscription: { external_customer_id: 'c1', external_id: 's1', plan_code: 'startup', name: 'Main' },
    });
    for (const [transaction_id, v] of [
      ['a', 5],
      ['b', '7.0'],
      ['c', 'none'],
    ] as const) {
      await caller.ok('POST', '/events', {
        event: { transaction_id, code: 'bytes', external_subscription_id: 's1', properties: { v } },
      });
    }
    await bill('2026-01-31T23:00:00.000Z');
    return { metrics, plan, subscription };
  }

  test("has everything on it, through Lago's own client", async () => {
    const { metrics, plan, subscription } = await billedJanuary();
    const list = await caller.lago.invoices.findAllInvoices({ external_customer_id: 'c1' });
    expect(list.data.meta).toMatchObject({ total_count: 1 });
    const id = list.data.invoices[0]?.lago_id ?? '';
    const { data } = await caller.lago.invoices.findInvoice(id);

    const { fees, subscriptions, billing_periods, customer: shownCustomer, ...shown } = data.invoice;
    expect(shown).toEqual({
      lago_id: id,
      billing_entity_code: 'default',
      sequential_id: 1,
      number: 'ORG-1-001-001',
      purchase_order_number: null,
      issuing_date: '2026-02-01',
      payment_due_date: '2026-03-03',
      net_payment_term: 30,
      invoice_type: 'subscription',
      status: 'finalized',
      payment_status: 'pending',
      payment_dispute_lost_at: null,
      payment_overdue: false,
      currency: 'EUR',
      fees_amount_cents: 13200,
      taxes_amount_cents: 0,
      progressive_billing_credit_amount_cents: 0,
      coupons_amount_cents: 0,
      credit_notes_amount_cents: 0,
      sub_total_excluding_taxes_amount_cents: 13200,
      sub_total_including_taxes_amount_cents: 13200,
      total_amount_cents: 13200,
      total_due_amount_cents: 13200,
      total_paid_amount_cents: 0,
      total_offsetted_credit_note_amount_cents: 0,
      prepaid_credit_amount_cents: 0,
      prepaid_granted_credit_amount_cents: null,
      prepaid_purchased_credit_amount_cents: null,
      file_url: null,
      xml_url: null,
      web_url: null,
      version_number: 4,
      self_billed: false,
      created_at: '2026-01-31T23:00:00Z',
      updated_at: '2026-01-31T23:00:00Z',
      voided_at: null,
      metadata: [],
      applied_taxes: [],
      credits: [],
      error_details: [],
      applied_invoice_custom_sections: [],
    });
    expect(shownCustomer).toMatchObject({
      external_id: 'c1',
      name: 'Acme',
      applicable_timezone: 'Europe/Paris',
      billing_entity_code: 'default',
      integration_customers: [],
    });
    expect(subscriptions).toMatchObject([
      { external_id: 's1', name: 'Main', plan_code: 'startup', status: 'active', external_customer_id: 'c1' },
    ]);
    expect(billing_periods).toEqual([
      {
        lago_subscription_id: textAt(subscription, 'subscription.lago_id'),
        external_subscription_id: 's1',
        lago_plan_id: textAt(plan, 'plan.lago_id'),
        subscription_from_datetime: '2026-01-14T23:00:00Z',
        subscription_to_datetime: '2026-01-31T22:59:59Z',
        charges_from_datetime: '2026-01-15T10:30:00Z',
        charges_to_datetime: '2026-01-31T22:59:59Z',
        fixed_charges_from_datetime: '2026-01-15T10:30:00Z',
        fixed_charges_to_datetime: '2026-01-31T22:59:59Z',
        invoicing_reason: 'subscription_periodic',
      },
    ]);

    const common = {
      lago_id: expect.stringMatching(/^[0-9a-f-]{36}$/),
      lago_charge_filter_id: null,
      lago_fixed_charge_id: null,
      lago_invoice_id: id,
      lago_true_up_fee_id: null,
      lago_true_up_parent_fee_id: null,
      lago_original_fee_id: null,
      lago_subscription_id: textAt(subscription, 'subscription.lago_id'),
      external_subscription_id: 's1',
      lago_customer_id: shownCustomer?.lago_id,
      external_customer_id: 'c1',
      pay_in_advance: false,
      invoiceable: true,
      amount_currency: 'EUR',
      taxes_amount_cents: 0,
      taxes_precise_amount: '0.0',
      taxes_rate: 0,
      applied_taxes: [],
      total_amount_currency: 'EUR',
      description: null,
      precise_coupons_amount_cents: '0.0',
      payment_status: 'pending',
      created_at: '2026-01-31T23:00:00Z',
      succeeded_at: null,
      failed_at: null,
      refunded_at: null,
      self_billed: false,
      pricing_unit_details: null,
      presentation_breakdowns: [],
      to_date: '2026-01-31T22:59:59Z',
    };
    expect(fees).toEqual([
      {
        ...common,
        lago_charge_id: null,
        item: {
          type: 'subscription',
          code: 'startup',
          name: 'Startup',
          description: 'For start-ups',
          invoice_display_name: 'Startup',
          filters: null,
          filter_invoice_display_name: null,
          lago_item_id: textAt(subscription, 'subscription.lago_id'),
          item_type: 'Subscription',
          grouped_by: {},
        },
        amount_cents: 1700,
        precise_amount: '17.0',
        precise_total_amount: '17.0',
        total_amount_cents: 1700,
        total_aggregated_units: null,
        units: '1.0',
        precise_unit_amount: '17.0',
        sub_total_excluding_taxes_amount_cents: 1700,
        sub_total_excluding_taxes_precise_amount_cents: '1700.0',
        events_count: null,
        amount_details: { plan_amount_cents: 3100 },
        from_date: '2026-01-14T23:00:00Z',
      },
      {
        ...common,
        lago_charge_id: textAt(plan, 'plan.charges.0.lago_id'),
        item: {
          type: 'charge',
          code: 'bytes',
          name: 'bytes used',
          description: 'd',
          invoice_display_name: 'Traffic',
          filters: null,
          filter_invoice_display_name: null,
          lago_item_id: metrics[0],
          item_type: 'BillableMetric',
          grouped_by: {},
        },
        amount_cents: 11500,
        precise_amount: '115.0',
        precise_total_amount: '115.0',
        total_amount_cents: 11500,
        total_aggregated_units: '12.0',
        units: '12.0',
        precise_unit_amount: '9.583333333333333',
        sub_total_excluding_taxes_amount_cents: 11500,
        sub_total_excluding_taxes_precise_amount_cents: '11500.0',
        events_count: 2,
        amount_details: {
          graduated_ranges: [
            {
              from_value: 0,
              to_value: 10,
              flat_unit_amount: '2.0',
              per_unit_amount: '10.0',
              units: '10.0',
              per_unit_total_amount: '100.0',
              total_with_flat_amount: '102.0',
            },
            {
              from_value: 11,
              to_value: 20,
              flat_unit_amount: '3.0',
              per_unit_amount: '5.0',
              units: '2.0',
              per_unit_total_amount: '10.0',
              total_with_flat_amount: '13.0',
            },
          ],
        },
        from_date: '2026-01-15T10:30:00Z',
      },
    ]);
  });

  test('keeps the names of a metric that was deleted since', async () => {
    await billedJanuary();
    const [id] = await listed('');
    await caller.ok('DELETE', '/billable_metrics/bytes');
    const body = await caller.ok('GET', `/invoices/${id}`);
    expect(at(body, 'invoice.fees.1.item')).toMatchObject({ code: 'bytes', invoice_display_name: 'Traffic' });
  });

  test('says why it failed, what is due, and what it was marked with', async () => {
    const customerId = await customer('c1');
    const metadata = [{ lago_id: randomUUID(), key: 'po', value: '7', created_at: '2026-01-15T10:30:00Z' }];
    const id = await invoice(customerId, { status: 'failed', metadata, totalPaidAmountCents: 300n });
    const em = scopedTo(app.orm.em, caller.organizationId);
    em.create(InvoiceError, {
      id: v7(),
      organizationId: caller.organizationId,
      invoiceId: id,
      errorCode: 'tax_error',
      details: { tax_error: 'taxDateTooFarInFuture' },
      createdAt: new Date(NOW),
    });
    await em.flush();
    expect(await caller.ok('GET', `/invoices/${id}`)).toMatchObject({
      invoice: {
        status: 'failed',
        total_due_amount_cents: 700,
        total_paid_amount_cents: 300,
        metadata,
        fees: [],
        billing_periods: [],
        error_details: [{ error_code: 'tax_error', details: { tax_error: 'taxDateTooFarInFuture' } }],
      },
    });
  });

  test('that is voided has nothing due; a lost dispute shows milliseconds', async () => {
    const id = await invoice(await customer('c1'), {
      status: 'voided',
      voidedAt: new Date(NOW),
      paymentDisputeLostAt: new Date('2026-01-15T10:30:00.000Z'),
    });
    expect(await caller.ok('GET', `/invoices/${id}`)).toMatchObject({
      invoice: {
        total_amount_cents: 1000,
        total_due_amount_cents: 0,
        voided_at: '2026-01-15T10:30:00Z',
        payment_dispute_lost_at: '2026-01-15T10:30:00.000Z',
      },
    });
  });

  test('that is not shown, not there or not of this organization is a 404', async () => {
    const customerId = await customer('c1');
    const shown = await invoice(customerId);
    for (const status of ['generating', 'open', 'closed', 'deleted'] as const) {
      const hidden = await invoice(customerId, { status });
      expect(asPlain(await caller.send('GET', `/invoices/${hidden}`))).toEqual(notFound('invoice'));
    }
    expect(await listed('')).toEqual([shown]);
    const stranger = await app.organization();
    expect(asPlain(await stranger.send('GET', `/invoices/${shown}`))).toEqual(notFound('invoice'));
    expect(asPlain(await caller.send('GET', `/invoices/${randomUUID()}`))).toEqual(notFound('invoice'));
    expect(asPlain(await caller.send('GET', '/invoices/not-an-id'))).toEqual(notFound('invoice'));
    expect(idsOf(await stranger.ok('GET', '/invoices'))).toEqual([]);
  });
});

describe('the list of invoices', () => {
  test('has what was issued last first, in pages', async () => {
    const customerId = await customer('c1');
    const [old, earlier, later] = [
      await invoice(customerId, { issuingDate: '2025-12-31', createdAt: new Date('2026-02-01T00:00:00Z') }),
      await invoice(customerId, { createdAt: new Date('2026-01-01T00:00:00Z') }),
      await invoice(customerId, { createdAt: new Date('2026-01-02T00:00:00Z') }),
    ];
    expect(await listed('')).toEqual([later, earlier, old]);
    expect(await listed('?per_page=2&page=2')).toEqual([old]);
    expect(at(await caller.ok('GET', '/invoices?per_page=2&page=2'), 'meta')).toEqual({
      current_page: 2,
      next_page: null,
      prev_page: 1,
      total_pages: 2,
      total_count: 3,
    });
    expect(at(await caller.ok('GET', '/invoices?page=9'), 'meta.current_page')).toBe(9);
  });

  test('shows of each what a list shows', async () => {
    await invoice(await customer('c1'));
    const shown = at(await caller.ok('GET', '/invoices'), 'invoices.0') as object;
    expect(shown).toMatchObject({ customer: { external_id: 'c1' }, metadata: [], applied_taxes: [] });
    expect(shown).not.toHaveProperty('fees');
    expect(shown).not.toHaveProperty('subscriptions');
  });

  test('has only what its filters ask for', async () => {
    const acme = await customer('acme', { name: 'Acme 100%', email: 'billing@acme.test', firstname: 'Zoë' });
    const other = await customer('other');
    const one = await invoice(acme, {
      number: 'ORG-1-001-001',
      purchaseOrderNumber: 'PO-7',
      issuingDate: '2026-01-10',
      totalAmountCents: 500n,
      metadata: [{ lago_id: randomUUID(), key: 'team', value: 'blue', created_at: NOW }],
    });
    const two = await invoice(other, {
      number: 'ORG-1-002-001',
      status: 'draft',
      paymentStatus: 'succeeded',
      issuingDate: '2026-01-09',
      currency: 'USD',
      paymentOverdue: true,
      selfBilled: true,
      totalPaidAmountCents: 1000n,
    });
    const three = await invoice(other, {
      number: 'ORG-1-002-002',
      status: 'voided',
      paymentStatus: 'failed',
      invoiceType: 'one_off',
      issuingDate: '2026-01-08',
      totalPaidAmountCents: 1n,
      paymentDisputeLostAt: new Date(NOW),
      metadata: [{ lago_id: randomUUID(), key: 'team', value: 'red', created_at: NOW }],
    });
    const names = new Map([
      [one, 1],
      [two, 2],
      [three, 3],
    ]);
    const numbered = async (query: string) => (await listed(`?${query}`)).map((id) => names.get(id));
    const all = [1, 2, 3];

    expect(await numbered('')).toEqual(all);
    expect(await numbered('external_customer_id=acme')).toEqual([1]);
    expect(await numbered('customer_external_id=other')).toEqual([2, 3]);
    expect(await numbered('search_term=001-001')).toEqual([1]);
    expect(await numbered(`search_term=${two.toUpperCase()}`)).toEqual([2]);
    expect(await numbered('search_term=aCme')).toEqual([1]);
    expect(await numbered('search_term=100%25')).toEqual([1]);
    expect(await numbered('search_term=1%255')).toEqual([]);
    expect(await numbered('search_term=zo%C3%AB')).toEqual([1]);
    expect(await numbered('search_term=billing@')).toEqual([1]);
    expect(await numbered('status=draft')).toEqual([2]);
    expect(await numbered('statuses[]=draft&statuses[]=voided')).toEqual([2, 3]);
    expect(await numbered('payment_status=failed')).toEqual([3]);
    expect(await numbered('payment_statuses[]=failed&payment_statuses[]=pending')).toEqual([1, 3]);
    expect(await numbered('invoice_type=one_off')).toEqual([3]);
    expect(await numbered('currency=USD')).toEqual([2]);
    expect(await numbered('issuing_date_from=2026-01-09')).toEqual([1, 2]);
    expect(await numbered('issuing_date_to=2026-01-09')).toEqual([2, 3]);
    expect(await numbered('issuing_date_from=2026-01-09T00:00:00Z&issuing_date_to=2026-01-09')).toEqual([2]);
    expect(await numbered('amount_from=501')).toEqual([2, 3]);
    expect(await numbered('amount_to=500')).toEqual([1]);
    expect(await numbered('payment_overdue=true')).toEqual([2]);
    expect(await numbered('payment_overdue=false')).toEqual([1, 3]);
    expect(await numbered('partially_paid=true')).toEqual([3]);
    expect(await numbered('partially_paid=false')).toEqual([1, 2]);
    expect(await numbered('payment_dispute_lost=true')).toEqual([3]);
    expect(await numbered('self_billed=true')).toEqual([2]);
    expect(await numbered('self_billed=false')).toEqual([1, 3]);
    expect(await numbered('settlements[]=payment')).toEqual([2, 3]);
    expect(await numbered('settlements[]=credit_note')).toEqual([]);
    expect(await numbered('purchase_order_number=po-7')).toEqual([1]);
    expect(await numbered('metadata[team]=blue')).toEqual([1]);
    expect(await numbered('metadata[team]=')).toEqual([2]);
    expect(await numbered('metadata[team]=blue&metadata[size]=')).toEqual([1]);
    expect(await numbered('metadata[team]=blue&metadata[size]=1')).toEqual([]);
    expect(await numbered('billing_entity_codes[]=default')).toEqual(all);
    expect(await numbered('status=&currency=&issuing_date_from=&amount_from=&self_billed=&unknown=x')).toEqual(all);
    expect(await numbered('status=draft&currency=EUR')).toEqual([]);
  });

  test.each([
    ['status=paid', { status: ['value_is_invalid'] }],
    ['status=generating', { status: ['value_is_invalid'] }],
    ['statuses[]=draft&statuses[]=open', { statuses: ['value_is_invalid'] }],
    ['payment_status=x', { payment_status: ['value_is_invalid'] }],
    ['invoice_type=x', { invoice_type: ['value_is_invalid'] }],
    ['currency=XYZ', { currency: ['value_is_invalid'] }],
    ['issuing_date_from=soon', { issuing_date_from: ['invalid_date'] }],
    ['issuing_date_to=2026-02-30', { issuing_date_to: ['invalid_date'] }],
    ['amount_from=1.5', { amount_from: ['value_is_invalid'] }],
    ['amount_to=9007199254740992', { amount_to: ['value_is_out_of_range'] }],
    ['payment_overdue=maybe', { payment_overdue: ['value_is_invalid'] }],
    ['settlements[]=cash', { settlements: ['value_is_invalid'] }],
    ['external_customer_id[]=a', { external_customer_id: ['value_is_invalid'] }],
    ['metadata=a', { metadata: ['value_is_invalid'] }],
  ])('refuses %s', async (query, details) => {
    expect(asPlain(await caller.send('GET', `/invoices?${query}`))).toEqual(validationErrors(details));
  });

  test('refuses an unknown billing entity', async () => {
    expect(asPlain(await caller.send('GET', '/invoices?billing_entity_codes[]=x'))).toEqual(notFound('billing_entity'));
  });

  test('takes as many statements for many invoices as for one', async () => {
    for (let index = 0; index < 40; index++) await invoice(await customer(`c${index % 20}`));
    const read = (perPage: number) => () => caller.ok('GET', `/invoices?per_page=${perPage}`);
    const forOne = await app.statementsOf(read(1));
    expect(forOne).toBeGreaterThan(1);
    expect(await app.statementsOf(read(40))).toBe(forOne);
    expect(await listed('?per_page=40')).toHaveLength(40);
  });
});

describe('the invoices of a customer', () => {
  test('are those of the list, whatever the query says of customers', async () => {
    const own = await invoice(await customer('acme'));
    await invoice(await customer('other'));
    const draft = await invoice(await customer('acme'), { status: 'draft', issuingDate: '2025-01-01' });
    const ids = async (query: string) => idsOf(await caller.ok('GET', `/customers/acme/invoices${query}`));
    expect(await ids('')).toEqual([own, draft]);
    expect(await ids('?external_customer_id=other')).toEqual([own, draft]);
    expect(await ids('?status=draft')).toEqual([draft]);
  });

  test('of nobody are a 404', async () => {
    expect(asPlain(await caller.send('GET', '/customers/nobody/invoices'))).toEqual(notFound('customer'));
  });
});
