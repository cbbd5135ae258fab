// Each field of each request that changes something, once, to values made from the API's own document and to null: it
// is read back, or refused as the spec says, and never a 5xx. A field that is added later is tested without being named
// here.
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { openApiDocument } from '../../../api/document/openapi.ts';
import { routes } from '../../../api/routes.ts';
import { actsByHand } from '../../support/acts-by-hand.ts';
import { at, listeningApp, textAt, type Answer, type Caller, type ListeningApp } from './listening-app.ts';

interface Schema {
  readonly $ref?: string;
  readonly type?: string | readonly string[];
  readonly format?: string;
  readonly enum?: readonly unknown[];
  readonly examples?: readonly unknown[];
  readonly minimum?: number;
  readonly maximum?: number;
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly items?: Schema;
  readonly anyOf?: readonly Schema[];
}

type Body = Readonly<Record<string, unknown>>;

/** How a resource of the test's own is made; `path` is where it is changed, `shownAt` where it is read. */
interface Resource {
  readonly operation: string;
  /** A subscription has it: whatever decides periods and currency is ignored (spec, subscriptions-and-invoices 1.4). */
  readonly attached?: boolean;
  readonly make: (caller: Caller) => Promise<{
    readonly path: string;
    readonly shownAt: string;
    /** What every change says beside the field. */
    readonly beside?: Body;
    /** The same for the items of a list. */
    readonly besideInItem?: Readonly<Record<string, Body>>;
  }>;
}

const RESOURCES: readonly Resource[] = [
  {
    operation: 'put /organizations',
    make: () => Promise.resolve({ path: '/organizations', shownAt: '/organizations' }),
  },
  {
    operation: 'put /billing_entities/{code}',
    make: () => Promise.resolve({ path: '/billing_entities/default', shownAt: '/billing_entities/default' }),
  },
  {
    operation: 'put /api_keys/{id}',
    make: async (caller) => {
      const made = await caller.ok('POST', '/api_keys', { api_key: { name: 'key' } });
      const path = `/api_keys/${textAt(made, 'api_key.lago_id')}`;
      return { path, shownAt: path };
    },
  },
  {
    operation: 'put /billable_metrics/{code}',
    make: async (caller) => {
      await makeMetric(caller);
      return {
        path: '/billable_metrics/calls',
        shownAt: '/billable_metrics/calls',
        beside: { aggregation_type: 'sum_agg', field_name: 'v' },
        besideInItem: { filters: { key: 'k', values: ['v'] } },
      };
    },
  },
  {
    operation: 'put /plans/{code}',
    make: async (caller) => {
      await makePlan(caller);
      return {
        path: '/plans/plan',
        shownAt: '/plans/plan',
        // The monthly flags are for some intervals only, and say what the same request says.
        beside: { interval: 'yearly' },
        besideInItem: { charges: await chargeOf(caller), 'charges.filters': FILTER },
      };
    },
  },
  {
    operation: 'put /plans/{code}',
    attached: true,
    make: async (caller) => {
      await makeSubscription(caller);
      return {
        path: '/plans/plan',
        shownAt: '/plans/plan',
        besideInItem: { charges: await chargeOf(caller), 'charges.filters': FILTER },
      };
    },
  },
  {
    operation: 'put /plans/{code}/charges/{charge_code}',
    make: async (caller) => {
      await makePlan(caller);
      const path = '/plans/plan/charges/calls';
      return { path, shownAt: path, beside: await chargeOf(caller), besideInItem: { filters: FILTER } };
    },
  },
  {
    operation: 'put /plans/{code}/charges/{charge_code}/filters/{filter_id}',
    make: async (caller) => {
      await makePlan(caller);
      const made = await caller.ok('POST', '/plans/plan/charges/calls/filters', { filter: FILTER });
      const path = `/plans/plan/charges/calls/filters/${textAt(made, 'filter.lago_id')}`;
      return { path, shownAt: path };
    },
  },
  {
    operation: 'put /pricing_units/{code}',
    make: async (caller) => {
      await caller.ok('POST', '/pricing_units', {
        pricing_unit: { name: 'Credits', code: 'credits', short_name: 'CR' },
      });
      return { path: '/pricing_units/credits', shownAt: '/pricing_units/credits' };
    },
  },
  {
    operation: 'put /add_ons/{code}',
    make: async (caller) => {
      await caller.ok('POST', '/add_ons', {
        add_on: { name: 'Setup', code: 'setup', amount_cents: 100, amount_currency: 'EUR' },
      });
      return { path: '/add_ons/setup', shownAt: '/add_ons/setup' };
    },
  },
  {
    operation: 'put /coupons/{code}',
    make: async (caller) => {
      await caller.ok('POST', '/coupons', {
        coupon: { name: 'Ten', code: 'ten', amount_cents: 1000, amount_currency: 'EUR' },
      });
      return {
        path: '/coupons/ten',
        shownAt: '/coupons/ten',
        // What belongs to a kind goes with it.
        beside: {
          frequency: 'recurring',
          frequency_duration: 4,
          expiration: 'time_limit',
          expiration_at: '2027-12-01T00:00:00Z',
        },
      };
    },
  },
  {
    operation: 'put /taxes/{code}',
    make: async (caller) => {
      await caller.ok('POST', '/taxes', { tax: { name: 'VAT', code: 'vat', rate: 20 } });
      return { path: '/taxes/vat', shownAt: '/taxes/vat' };
    },
  },
  {
    operation: 'post /customers',
    make: async (caller) => {
      await caller.ok('POST', '/customers', { customer: { external_id: 'ann' } });
      return {
        path: '/customers',
        shownAt: '/customers/ann',
        beside: { external_id: 'ann' },
        besideInItem: { metadata: { key: 'k', value: 'v', display_in_invoice: false }, integration_customers: {} },
      };
    },
  },
  {
    operation: 'put /subscriptions/{external_id}',
    make: async (caller) => {
      await makeSubscription(caller);
      return { path: '/subscriptions/sub', shownAt: '/subscriptions/sub' };
    },
  },
  {
    operation: 'put /invoices/{id}',
    make: async (caller) => {
      await makeSubscription(caller);
      await actsByHand(app.orm, caller.organizationId).run('2027-02-02T00:00:00Z');
      const invoices = await caller.ok('GET', '/invoices');
      const path = `/invoices/${textAt(invoices, 'invoices.0.lago_id')}`;
      return { path, shownAt: path, besideInItem: { metadata: { key: 'k', value: 'v' } } };
    },
  },
  {
    operation: 'put /webhook_endpoints/{lago_id}',
    make: async (caller) => {
      const made = await caller.ok('POST', '/webhook_endpoints', {
        webhook_endpoint: { webhook_url: 'https://one.test' },
      });
      const path = `/webhook_endpoints/${textAt(made, 'webhook_endpoint.lago_id')}`;
      return { path, shownAt: path, beside: { webhook_url: 'https://one.test' } };
    },
  },
];

/** Moves time, changes no resource. */
const NO_RESOURCE = ['put /test_clock'];

/** Of objects that no request makes field by field: what may change of them has tests of its own. */
const TESTED_BY_ITSELF = [
  // tests/integration/instant-charges
  'put /fees/{id}',
  // tests/integration/credit-notes/change-credit-note.test.ts
  'put /credit_notes/{id}',
  'patch /credit_notes/{id}/metadata',
];

const makeMetric = (caller: Caller) =>
  caller.ok('POST', '/billable_metrics', {
    billable_metric: {
      name: 'Calls',
      code: 'calls',
      aggregation_type: 'sum_agg',
      field_name: 'v',
      filters: [{ key: 'region', values: ['eu'] }],
    },
  });

const FILTER = { values: { region: ['eu'] }, properties: { amount: '0' } };

const chargeOf = async (caller: Caller) => ({
  billable_metric_id: at(await caller.ok('GET', '/billable_metrics/calls'), 'billable_metric.lago_id'),
  charge_model: 'standard',
  // The default of its model: null brings it back.
  properties: { amount: '0' },
});

async function makePlan(caller: Caller): Promise<void> {
  await makeMetric(caller);
  await caller.ok('POST', '/plans', {
    plan: {
      name: 'Plan',
      code: 'plan',
      interval: 'yearly',
      amount_cents: 3100,
      amount_currency: 'EUR',
      pay_in_advance: true,
      trial_period: 1,
      charges: [await chargeOf(caller)],
    },
  });
}

async function makeSubscription(caller: Caller): Promise<void> {
  await makePlan(caller);
  await caller.ok('POST', '/customers', { customer: { external_id: 'ann' } });
  await caller.ok('POST', '/subscriptions', {
    subscription: { external_customer_id: 'ann', external_id: 'sub', plan_code: 'plan' },
  });
}

// What a document cannot say of a text, by the name of the field.
const TEXTS: Readonly<Record<string, unknown>> = {
  country: 'FR',
  timezone: 'Europe/Paris',
  currency: 'EUR',
  email: 'ann@durabill.test',
  document_locale: 'fr',
  document_number_prefix: 'NEW-1',
  slug: 'new-slug',
  url: 'https://ann.test',
  logo_url: 'https://ann.test/logo.png',
  properties: { amount: '0.5' },
  webhook_url: 'https://other.test/path',
  logo: `data:image/png;base64,${Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]).toString('base64')}`,
  email_settings: 'invoice.finalized',
  status: 'active',
  billing_entity_code: 'default',
  on_termination_credit_note: 'skip',
  on_termination_invoice: 'skip',
  regroup_paid_fees: 'invoice',
  charge_model: 'standard',
  percentage_rate: '12.5',
};

/** Where a value is not read back as it was sent, and why. */
const OTHERWISE: Readonly<Record<string, 'not shown' | 'ignored' | 'refused'>> = {
  // A tax identification number says which: there are no taxes yet.
  'put /organizations eu_tax_management': 'refused',
  // Told in the organization's own word.
  'put /organizations document_numbering': 'ignored',
  'put /billing_entities/{code} eu_tax_management': 'refused',
  // Shown as the address of the picture.
  'put /billing_entities/{code} logo': 'not shown',
  // For an aggregation that this version does not have.
  'put /billable_metrics/{code} aggregation_type': 'refused',
  'put /billable_metrics/{code} weighted_interval': 'ignored',
  'put /billable_metrics/{code} filters.values': 'refused',
  'put /plans/{code} cascade_updates': 'not shown',
  // Each model has properties of its own.
  'put /plans/{code} charges.charge_model': 'refused',
  // Without an id of a charge that is there, a new one is made.
  'put /plans/{code} charges.id': 'ignored',
  'put /plans/{code} charges.billable_metric_id': 'refused',
  // Only with a charge that is paid in advance.
  'put /plans/{code} charges.invoiceable': 'refused',
  'put /plans/{code} charges.regroup_paid_fees': 'refused',
  'put /plans/{code} charges.prorated': 'refused',
  'put /plans/{code} charges.accepts_target_wallet': 'refused',
  // A unit that is there; and a charge that has none keeps the plan's currency.
  'put /plans/{code} charges.applied_pricing_unit': 'refused',
  'put /plans/{code} charges.applied_pricing_unit.code': 'refused',
  'put /plans/{code} charges.applied_pricing_unit.conversion_rate': 'refused',
  'put /plans/{code}/charges/{charge_code} applied_pricing_unit': 'ignored',
  'put /plans/{code}/charges/{charge_code} applied_pricing_unit.code': 'ignored',
  'put /plans/{code}/charges/{charge_code} applied_pricing_unit.conversion_rate': 'ignored',
  // Values that the metric declares.
  'put /plans/{code} charges.filters.values': 'refused',
  'put /plans/{code}/charges/{charge_code} billable_metric_id': 'refused',
  'put /plans/{code}/charges/{charge_code} charge_model': 'refused',
  'put /plans/{code}/charges/{charge_code} invoiceable': 'refused',
  'put /plans/{code}/charges/{charge_code} regroup_paid_fees': 'refused',
  'put /plans/{code}/charges/{charge_code} prorated': 'refused',
  'put /plans/{code}/charges/{charge_code} accepts_target_wallet': 'refused',
  'put /plans/{code}/charges/{charge_code} cascade_updates': 'not shown',
  'put /plans/{code}/charges/{charge_code} filters.values': 'refused',
  'put /plans/{code}/charges/{charge_code}/filters/{filter_id} cascade_updates': 'not shown',
  // Another type needs a rate, which belongs to it.
  'put /coupons/{code} coupon_type': 'refused',
  'put /coupons/{code} percentage_rate': 'ignored',
  // Codes of plans and metrics that are there.
  'put /coupons/{code} applies_to.plan_codes': 'refused',
  'put /coupons/{code} applies_to.billable_metric_codes': 'refused',
  // Which of the subscriptions of an external id is meant.
  'put /subscriptions/{external_id} status': 'ignored',
  // Of one that has not begun.
  'put /subscriptions/{external_id} subscription_at': 'ignored',
  'put /subscriptions/{external_id} payment_method.payment_method_id': 'refused',
  // The id of an entity that is there.
  'put /subscriptions/{external_id} billing_entity_id': 'refused',
  // Whose, is its customer's to say, or shown by a later version.
  'put /subscriptions/{external_id} billing_entity_code': 'ignored',
  // Without an id of metadata that are there, new ones are made.
  'post /customers metadata.id': 'ignored',
  // No payment provider can be linked.
  'post /customers billing_configuration.payment_provider': 'refused',
  'post /customers billing_configuration.payment_provider_code': 'ignored',
  'post /customers billing_configuration.provider_customer_id': 'ignored',
  'post /customers billing_configuration.provider_payment_methods': 'ignored',
  'post /customers billing_configuration.sync': 'not shown',
  'post /customers billing_configuration.sync_with_provider': 'ignored',
  'put /invoices/{id} metadata.id': 'ignored',
};

/** Ignored once a plan has a subscription. */
const LOCKED: readonly string[] = [
  'code',
  'interval',
  'pay_in_advance',
  'amount_currency',
  'trial_period',
  'bill_charges_monthly',
  'bill_fixed_charges_monthly',
  'charges.code',
];

let app: ListeningApp;

beforeAll(async () => {
  app = await listeningApp();
});
afterAll(() => app.close());

const document = openApiDocument(routes, [], {}) as unknown as {
  readonly paths: Readonly<Record<string, Readonly<Record<string, { readonly requestBody?: object }>>>>;
};

const resolved = (schema: Schema): Schema =>
  schema.$ref ? (at(document, schema.$ref.split('/').slice(1).join('.')) as Schema) : schema;

/** The schema of a value that is not null, and whether it may be. */
function notNull(given: Schema): { readonly schema: Schema; readonly nullable: boolean } {
  const schema = resolved(given);
  const nullable = [schema.type].flat().includes('null') || (schema.anyOf?.some((one) => one.type === 'null') ?? false);
  const [first, ...others] = (schema.anyOf ?? []).map(resolved).filter(({ type }) => type !== 'null');
  const { anyOf: _, ...rest } = schema;
  return { schema: { ...(others.length === 0 && first), ...rest }, nullable };
}

const typeOf = ({ type }: Schema) => [type].flat().find((one) => one !== 'null');

interface Field {
  readonly path: readonly string[];
  /** Within an item of a list. */
  readonly inItem: boolean;
  readonly schema: Schema;
  readonly nullable: boolean;
}

/** A schema's fields and those of its objects and of the items of its lists. */
function fieldsOf(given: Schema, path: readonly string[] = [], inItem = false): readonly Field[] {
  return Object.entries(given.properties ?? {}).flatMap(([name, property]) => {
    const { schema, nullable } = notNull(property);
    const field = { path: [...path, name], inItem, schema, nullable };
    const item = typeOf(schema) === 'array' && schema.items ? resolved(schema.items) : undefined;
    if (item?.properties) return [field, ...fieldsOf(item, field.path, true)];
    return [field, ...fieldsOf(schema, field.path, inItem)];
  });
}

function samplesOf(name: string, schema: Schema): readonly unknown[] {
  if (schema.enum) return schema.enum.length > 10 ? [schema.enum[0], schema.enum.at(-1)] : schema.enum;
  const known = TEXTS[name];
  switch (typeOf(schema) ?? '') {
    case 'boolean':
      return [true, false];
    case 'integer':
      return [5, Math.max(schema.minimum ?? 0, 0), 7];
    case 'number':
      return [5, Math.max(schema.minimum ?? 0, 0), 2.5];
    case 'array':
      return schema.items && resolved(schema.items).properties
        ? [[]]
        : [schema.examples?.[0] ?? [schema.items && typeOf(schema.items) === 'object' ? { a: 1 } : (known ?? 'x')], []];
    case 'object':
      return schema.properties ? [{}] : [schema.examples?.[0] ?? { a: 'b' }];
    case 'string':
      if (schema.format === 'date-time') return ['2027-03-15T10:00:00Z', '2028-01-31T00:00:00Z'];
      return [known ?? schema.examples?.[0] ?? `new ${name}`];
    default:
      return [known ?? schema.examples?.[0] ?? { a: 1 }];
  }
}

/** What an answer shows of a field: in its place, or where the settings of an issuer are shown. */
function shownOf(resource: unknown, { path }: Field): unknown {
  const within = (keys: readonly string[]) =>
    keys.reduce<unknown>((value, key) => {
      const one = Array.isArray(value) ? (value as readonly unknown[])[0] : value;
      return (one as Record<string, unknown> | null | undefined)?.[key];
    }, resource);
  const last = path.slice(-1);
  return [path, ['billing_configuration', ...last], last].map(within).find((shown) => shown !== undefined);
}

/** A body that says a field. */
function bodyWith(
  { path, inItem }: Field,
  value: unknown,
  {
    beside = {},
    besideInItem = {},
  }: { readonly beside?: Body; readonly besideInItem?: Readonly<Record<string, Body>> },
): Body {
  const [first = '', second, third] = path;
  const inMiddle = third === undefined ? value : [{ ...besideInItem[`${first}.${second}`], [third]: value }];
  const inner = second === undefined ? value : { ...(inItem && besideInItem[first]), [second]: inMiddle };
  return { ...beside, [first]: inItem && second !== undefined ? [inner] : inner };
}

const operations = Object.entries(document.paths).flatMap(([path, methods]) =>
  Object.entries(methods)
    .filter(
      ([method, { requestBody }]) => requestBody && (['put', 'patch'].includes(method) || path === '/api/v1/customers'),
    )
    .map(([method, { requestBody }]) => {
      const content = at(requestBody, 'content') as Record<string, { schema: Schema }>;
      const [root, body] = Object.entries(content['application/json']?.schema.properties ?? {})[0]!;
      return { name: `${method} ${path.replace('/api/v1', '')}`, method, root, schema: resolved(body) };
    }),
);

const isEmpty = (value: unknown): boolean =>
  typeof value === 'object' && value !== null && Object.keys(value).length === 0;

/** What this version does not have is refused, and no tax can be there. */
const isUnavailable = ({ status, body }: Answer): boolean =>
  (status === 403 && at(body, 'code') === 'feature_unavailable') ||
  (status === 404 && at(body, 'code') === 'tax_not_found');

const isInvalid = ({ status, body }: Answer): boolean =>
  status === 422 && Object.keys(at(body, 'error_details') as object).length > 0;

interface Known {
  readonly kind: 'not shown' | 'ignored' | 'refused' | undefined;
  /** What was shown before any change, and after the last one. */
  readonly before: unknown;
  readonly last: unknown;
}

const matching = (matches: (shown: unknown) => boolean) => ({ asymmetricMatch: matches });

const ANYTHING = matching(() => true);

const isSame = (one: unknown, other: unknown): boolean => JSON.stringify(one) === JSON.stringify(other);

/** A map that shows at least this. */
const showing = (values: object) =>
  matching((shown) =>
    Object.entries(values).every(([key, value]) => isSame((shown as Record<string, unknown> | null)?.[key], value)),
  );

/** What may be shown once a value has been taken. */
function wanted(value: unknown, { kind, before, last }: Known): unknown {
  if (kind === 'ignored' || isEmpty(value)) return ANYTHING;
  if (kind === 'not shown') return undefined;
  // Null is kept, or means the default, or nothing, as the field has it.
  if (value === null) {
    return matching((shown) => [null, before, last].some((one) => isSame(one, shown)) || isEmpty(shown));
  }
  return typeof value === 'object' && !Array.isArray(value) ? showing(value) : value;
}

describe('an update', () => {
  test('is tested for every operation', () => {
    const known = [...RESOURCES.map(({ operation }) => operation), ...NO_RESOURCE, ...TESTED_BY_ITSELF];
    expect(operations.map(({ name }) => name).filter((name) => !known.includes(name))).toEqual([]);
  });

  const cases = RESOURCES.flatMap((resource) => {
    const operation = operations.find(({ name }) => name === resource.operation)!;
    // Which customer it is, is no change of one.
    const fields = fieldsOf(operation.schema).filter(({ path }) => path.join() !== 'external_id');
    return fields.map((field) => ({ resource, operation, field }));
  });

  test.each(
    cases.map((one) => {
      const { operation, resource, field } = one;
      return [operation.name, resource.attached ? 'when subscribed' : '', field.path.join('.'), one] as const;
    }),
  )('%s %s changes %s, or says why not', async (operation, _attached, name, one) => {
    const { resource, field } = one;
    const { method, root } = one.operation;
    const caller = await app.organization();
    await actsByHand(app.orm, caller.organizationId).run('2026-03-01T00:00:00Z');
    const made = await resource.make(caller);
    const rename = (resourcePath: string, code: unknown): string =>
      name === 'code' && typeof code === 'string'
        ? resourcePath.replace(/[^/]+$/, encodeURIComponent(code))
        : resourcePath;
    let { path, shownAt } = made;
    const show = async () => shownOf(at(await caller.ok('GET', shownAt), root), field);
    const kind = resource.attached && LOCKED.includes(name) ? 'ignored' : OTHERWISE[`${operation} ${name}`];
    const before = await show();
    let last = before;
    const samples = samplesOf(field.path.at(-1) ?? '', field.schema);
    // A value is sent over itself, too, and again after null.
    for (const value of [samples[0], ...samples, null, samples[0]]) {
      const answer = await caller.send(method.toUpperCase(), path, { [root]: bodyWith(field, value, made) });
      const said = `${JSON.stringify(value)}: ${answer.status} ${JSON.stringify(answer.body)}`;
      if (answer.status !== 200) {
        const isRefused = isInvalid(answer) || (answer.status === 404 && kind === 'refused');
        const mayBe = isUnavailable(answer) || (isRefused && (value === null || kind === 'refused'));
        if (!mayBe) throw new Error(`not documented: ${said}`);
        continue;
      }
      const shown = shownOf(at(answer.body, root), field);
      path = rename(path, shown);
      shownAt = rename(shownAt, shown);
      expect(await show()).toEqual(shown);
      expect(shown).toEqual(wanted(value, { kind, before, last }));
      last = shown;
    }
  });
});
