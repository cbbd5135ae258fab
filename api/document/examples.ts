import { readFileSync } from 'node:fs';

/** The id that the examples' n-th object has, in the order in which they are made. */
export const exampleId = (n: number): string => `019b7616-4800-7000-8000-${n.toString(16).padStart(12, '0')}`;

/** The metric is made first, so that this is its id. */
const METRIC_ID = exampleId(1);

/**
 * A body for each operation that has one. Sent in the order of the document they are a story, which begins with an
 * empty organization; `tests/integration/api/examples.test.ts` sends them.
 */
export const requestExamples: Readonly<Record<string, object>> = {
  createBillableMetric: {
    billable_metric: {
      name: 'Storage',
      code: 'storage',
      aggregation_type: 'sum_agg',
      field_name: 'gb',
      filters: [{ key: 'region', values: ['eu', 'us'] }],
    },
  },
  updateBillableMetric: { billable_metric: { description: 'Gigabytes that were stored' } },
  createPlan: {
    plan: {
      name: 'Startup',
      code: 'startup',
      interval: 'monthly',
      amount_cents: 10_000,
      amount_currency: 'EUR',
      pay_in_advance: false,
      charges: [{ billable_metric_id: METRIC_ID, charge_model: 'standard', properties: { amount: '0.05' } }],
    },
  },
  updatePlan: { plan: { description: 'For small teams' } },
  createPlanCharge: {
    charge: {
      billable_metric_id: METRIC_ID,
      code: 'storage_backup',
      charge_model: 'standard',
      properties: { amount: '0.01' },
    },
  },
  updatePlanCharge: { charge: { charge_model: 'standard', properties: { amount: '0.02' } } },
  createPlanChargeFilter: {
    filter: { values: { region: ['eu'] }, properties: { amount: '0.03' }, invoice_display_name: 'Backup in the EU' },
  },
  updatePlanChargeFilter: { filter: { properties: { amount: '0.025' } } },
  createPricingUnit: { pricing_unit: { name: 'Credits', code: 'credits', short_name: 'CR' } },
  updatePricingUnit: { pricing_unit: { description: 'One credit is one request' } },
  createAddOn: {
    add_on: { name: 'Setup fee', code: 'setup_fee', amount_cents: 50_000, amount_currency: 'EUR' },
  },
  updateAddOn: { add_on: { description: 'Import of your data by our engineers' } },
  createCoupon: {
    coupon: {
      name: 'Startup deal',
      code: 'startup_deal',
      coupon_type: 'fixed_amount',
      amount_cents: 1_000,
      amount_currency: 'EUR',
      frequency: 'recurring',
      frequency_duration: 3,
      expiration: 'time_limit',
      expiration_at: '2026-12-31T23:59:59Z',
      applies_to: { plan_codes: ['startup'] },
    },
  },
  updateCoupon: { coupon: { description: 'For the first months' } },
  createAppliedCoupon: { applied_coupon: { external_customer_id: 'acme', coupon_code: 'startup_deal' } },
  createTax: { tax: { name: 'TVA', code: 'french_standard_vat', rate: '20.0' } },
  updateTax: { tax: { description: 'French standard VAT' } },
  createCustomer: {
    customer: {
      external_id: 'acme',
      name: 'Acme',
      country: 'FR',
      currency: 'EUR',
      timezone: 'Europe/Paris',
      billing_configuration: { invoice_grace_period: 3 },
    },
  },
  createSubscription: {
    subscription: { external_customer_id: 'acme', external_id: 'acme-startup', plan_code: 'startup' },
  },
  updateSubscription: { subscription: { name: 'Main account' } },
  createEvent: {
    event: {
      transaction_id: 'upload-1',
      external_subscription_id: 'acme-startup',
      code: 'storage',
      properties: { gb: 10 },
    },
  },
  createEventBatch: {
    events: [
      {
        transaction_id: 'upload-2',
        external_subscription_id: 'acme-startup',
        code: 'storage',
        properties: { gb: 2.5 },
      },
      { transaction_id: 'upload-3', external_subscription_id: 'acme-startup', code: 'storage', properties: { gb: 7 } },
    ],
  },
  evaluateBillableMetricExpression: {
    expression: 'ceil(event.properties.gb)',
    event: { code: 'storage', properties: { gb: 2.5 } },
  },
  estimateEventFees: { event: { external_subscription_id: 'acme-startup', code: 'storage', properties: { gb: 3 } } },
  estimateEventInstantFees: {
    event: {
      transaction_id: 'upload-4',
      external_subscription_id: 'acme-startup',
      code: 'storage',
      properties: { gb: 3 },
    },
  },
  createEventBatchEstimateInstantFee: {
    events: [
      { transaction_id: 'upload-4', external_subscription_id: 'acme-startup', code: 'storage', properties: { gb: 3 } },
    ],
  },
  updateFee: { fee: { payment_status: 'succeeded' } },
  createInvoice: {
    invoice: {
      external_customer_id: 'acme',
      currency: 'EUR',
      fees: [{ add_on_code: 'setup_fee', units: 1, tax_codes: ['french_standard_vat'] }],
    },
  },
  updateInvoice: { invoice: { metadata: [{ key: 'order', value: '4711' }] } },
  createCreditNote: {
    credit_note: {
      invoice_id: exampleId(20),
      reason: 'order_change',
      credit_amount_cents: 12_000,
      items: [{ fee_id: exampleId(22), amount_cents: 10_000 }],
      metadata: { ticket: '4711' },
    },
  },
  updateCreditNote: { credit_note: { metadata: { approved_by: 'Ada' } } },
  createCreditNoteMetadata: { metadata: { ticket: '4712' } },
  mergeCreditNoteMetadata: { metadata: { approved_by: 'Grace' } },
  estimateCreditNote: {
    credit_note: {
      invoice_id: exampleId(20),
      items: [{ fee_id: exampleId(22), amount_cents: 10_000 }],
    },
  },
  createDataExport: {
    data_export: { resource_type: 'invoices', format: 'csv', filters: { status: ['finalized'] } },
  },
  createWebhookEndpoint: {
    webhook_endpoint: {
      webhook_url: 'https://example.com/webhooks',
      signature_algo: 'hmac',
      event_types: ['invoice.created', 'customer.updated'],
    },
  },
  updateWebhookEndpoint: { webhook_endpoint: { name: 'Accounting' } },
  updateOrganization: {
    organization: { net_payment_term: 30, billing_configuration: { invoice_footer: 'Thank you.' } },
  },
  createBillingEntity: { billing_entity: { code: 'acme-fr', name: 'Acme France', document_number_prefix: 'ACME-FR' } },
  updateBillingEntity: { billing_entity: { timezone: 'Europe/Paris' } },
  createApiKey: { api_key: { name: 'Reporting', permissions: { customer: ['read'], invoice: ['read'] } } },
  updateApiKey: { api_key: { name: 'Reports' } },
  rotateApiKey: { api_key: { name: 'Reports, 2026' } },
  updateTestClock: { test_clock: { frozen_time: '2026-05-01T00:00:00Z', mode: 'advance' } },
  createOrganization: {
    organization: {
      name: 'Acme',
      slug: 'acme',
      test_mode: true,
      default_currency: 'EUR',
      document_number_prefix: 'ACME',
    },
  },
};

/** What was answered to one of them, and at which path. */
export interface RecordedAnswer {
  readonly path: Readonly<Record<string, string>>;
  readonly answer: unknown;
}

/** `RECORD_EXAMPLES=1 npm test -- examples` records them anew. */
export const RECORDED = new URL('answer-examples.json', import.meta.url);

const recorded = JSON.parse(readFileSync(RECORDED, 'utf8')) as Readonly<Record<string, RecordedAnswer>>;

const exampleOf = (example: unknown): { readonly example?: unknown } => (example === undefined ? {} : { example });

export const requestExample = (operationId: string) => exampleOf(requestExamples[operationId]);

export const answerExample = (operationId: string) => exampleOf(recorded[operationId]?.answer);

/** Of a path parameter. */
export const pathExample = (operationId: string, name: string): string | undefined => recorded[operationId]?.path[name];
