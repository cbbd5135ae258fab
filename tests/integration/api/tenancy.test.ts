import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { z } from 'zod';
import { routes } from '../../../api/routes.ts';
import type { Route } from '../../../api/http/route.ts';
import { actsByHand } from '../../support/acts-by-hand.ts';
import { at, listeningApp, textAt, type Caller, type ListeningApp } from './listening-app.ts';

/*
 * Walks every route with what belongs to another organization. A new route is covered by itself: what its path parameters
 * mean is read from the list that is named like the path's first word (`/plans/:code` from `GET /plans`), and what its body
 * and query need at least is made from their schemas.
 */

let app: ListeningApp;
let owner: Caller;
let stranger: Caller;

beforeAll(async () => {
  app = await listeningApp();
  owner = await app.organization();
  // Whatever the feature, it is nobody else's.
  stranger = await app.organization({ premium_integrations: ['projected_usage'] });
  await giveOneOfEverything(owner);
});

afterAll(() => app.close());

/** A list that is empty for the owner fails the tests below: whoever adds a resource adds one here. */
async function giveOneOfEverything(caller: Caller): Promise<void> {
  // The metric that follows is its first webhook.
  await caller.ok('POST', '/webhook_endpoints', { webhook_endpoint: { webhook_url: 'https://owned.test/hook' } });
  const metric = await caller.ok('POST', '/billable_metrics', {
    billable_metric: {
      name: 'Calls',
      code: 'owned-metric',
      aggregation_type: 'count_agg',
      filters: [{ key: 'region', values: ['eu'] }],
    },
  });
  const charge = {
    billable_metric_id: at(metric, 'billable_metric.lago_id'),
    charge_model: 'standard',
    // Its event has a fee at once, without an invoice.
    pay_in_advance: true,
    invoiceable: false,
    properties: { amount: '1' },
    filters: [{ values: { region: ['eu'] }, properties: { amount: '2' } }],
  };
  await caller.ok('POST', '/plans', {
    plan: {
      name: 'Plan',
      code: 'owned-plan',
      interval: 'monthly',
      amount_cents: 100,
      amount_currency: 'EUR',
      pay_in_advance: false,
      charges: [charge],
    },
  });
  await caller.ok('POST', '/taxes', { tax: { name: 'Owned tax', code: 'owned-tax', rate: 20 } });
  await caller.ok('POST', '/add_ons', {
    add_on: { name: 'Owned add-on', code: 'owned-add-on', amount_cents: 100, amount_currency: 'EUR' },
  });
  await caller.ok('POST', '/pricing_units', {
    pricing_unit: { name: 'Owned unit', code: 'owned-unit', short_name: 'OU' },
  });
  await caller.ok('POST', '/coupons', {
    coupon: { name: 'Owned coupon', code: 'owned-coupon', amount_cents: 100, amount_currency: 'EUR' },
  });
  await caller.ok('POST', '/billing_entities', { billing_entity: { name: 'Owned entity', code: 'owned-entity' } });
  await caller.ok('POST', '/customers', { customer: { external_id: 'owned-customer', name: 'Owned customer' } });
  await caller.ok('POST', '/applied_coupons', {
    applied_coupon: { external_customer_id: 'owned-customer', coupon_code: 'owned-coupon' },
  });
  await caller.ok('POST', '/subscriptions', {
    subscription: {
      external_customer_id: 'owned-customer',
      external_id: 'owned-subscription',
      plan_code: 'owned-plan',
    },
  });
  await caller.ok('POST', '/events', {
    event: { transaction_id: 'owned-event', external_subscription_id: 'owned-subscription', code: 'owned-metric' },
  });
  await caller.ok('POST', '/data_exports', { data_export: { resource_type: 'invoices', format: 'csv' } });
  await app.rows(
    `insert into invoices (id, organization_id, customer_id, billing_entity_id, invoice_type, status, payment_status, number,
                           sequential_id, issuing_date, payment_due_date, expected_finalization_date, net_payment_term,
                           currency, timezone, timezone_data_version, finalized_at, created_at, updated_at)
     select gen_random_uuid(), organization_id, id, billing_entity_id, 'subscription', 'finalized', 'pending', 'OWNED-001',
            1, '2026-01-01', '2026-01-01', '2026-01-01', 0, 'EUR', 'UTC', 'x', created_at, created_at, created_at
     from customers where organization_id = $1`,
    [caller.organizationId],
  );
  await app.rows(
    `insert into credit_notes (id, organization_id, customer_id, invoice_id, sequential_id, number, status, reason,
                               currency, issuing_date, credit_amount_cents, refund_amount_cents, offset_amount_cents,
                               total_amount_cents, balance_amount_cents, sub_total_excluding_taxes_amount_cents,
                               coupons_adjustment_amount_cents, precise_coupons_adjustment_amount_cents,
                               taxes_amount_cents, precise_taxes_amount_cents, taxes_rate, metadata,
                               created_at, updated_at)
     select gen_random_uuid(), organization_id, customer_id, id, 1, 'OWNED-001-CN001', 'finalized', 'other', 'EUR',
            issuing_date, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, '{"owned": "yes"}', created_at, created_at
     from invoices where organization_id = $1`,
    [caller.organizationId],
  );
  await actsByHand(app.orm, caller.organizationId).run(new Date().toISOString());
}

/** Where an object shows the id or the code of what is within it. */
const WITHIN: Readonly<Record<string, string>> = {
  charge_code: 'charges.0.code',
  filter_id: 'charges.0.filters.0.lago_id',
};

const parametersOf = (route: Route): string[] => [...route.path.matchAll(/:(\w+)/g)].map(([, name = '']) => name);

/** Plural of the resource, which is the root of its list. */
const collectionOf = (route: Route): string => route.path.split('/')[1] ?? '';

/** That of an object within another: `/customers/:external_id/applied_coupons/:applied_coupon_id`. */
const innerCollectionOf = ({ path }: Route, parameter: string): string | undefined =>
  path.split('/').find((word, index) => index > 1 && `:${parameter}` === `:${word.slice(0, -1)}_id`);

/** One value that satisfies a schema, with what it requires and nothing else. */
function sample(schema: unknown): unknown {
  const {
    type,
    properties = {},
    required = [],
    enum: values,
    const: constant,
    format,
    anyOf,
  } = schema as {
    type?: string;
    properties?: Record<string, unknown>;
    required?: string[];
    enum?: unknown[];
    const?: unknown;
    format?: string;
    anyOf?: unknown[];
  };
  if (constant !== undefined) return constant;
  if (values) return values[0];
  if (anyOf) return sample(anyOf[0]);
  if (type === 'object') return Object.fromEntries(required.map((key) => [key, sample(properties[key])]));
  if (type === 'array') return [];
  if (type === 'string') return format === 'date-time' ? '2026-01-01T00:00:00Z' : 'owned-x';
  return type === 'boolean' ? true : 1;
}

const sampleOf = (schema: z.ZodType): object =>
  sample(z.toJSONSchema(schema, { io: 'input', unrepresentable: 'any' })) as object;

/** Absent for a route without a body. An attribute that nobody knows keeps the root from being empty. */
function bodyOf({ root, body }: Route): object | undefined {
  if (!body) return undefined;
  const inside = { ...sampleOf(body), an_unknown_attribute: 'x' };
  return root === undefined ? inside : { [root]: inside };
}

/** The route's path with the owner's ids in it, and the query that it requires. */
async function pathOf(route: Route): Promise<string> {
  const collection = collectionOf(route);
  const owned = ownedOf(at(await owner.ok('GET', `/${collection}`), collection) as readonly unknown[]);
  let path = route.path;
  for (const name of parametersOf(route)) {
    const inner = innerCollectionOf(route, name);
    const within = WITHIN[name];
    const id = within
      ? textAt(owned, within)
      : inner
        ? textAt(ownedOf(at(await owner.ok('GET', `/${inner}`), inner) as readonly unknown[]), 'lago_id')
        : idOf(owned, name);
    path = path.replace(`:${name}`, encodeURIComponent(id));
  }
  const query = route.query ? new URLSearchParams(sampleOf(route.query) as Record<string, string>).toString() : '';
  return query === '' ? path : `${path}?${query}`;
}

/** The one that was given to the owner: every organization has a default billing entity by itself. */
const ownedOf = (list: readonly unknown[]): unknown =>
  list.find((one) => /owned/i.test(JSON.stringify(one))) ?? list[0];

/** `:id` and `:lago_id` are both the object's `lago_id`; a workflow has the id of Temporal, `:key` is of metadata. */
const idOf = (object: unknown, name: string): string =>
  name === 'key'
    ? Object.keys(at(object, 'metadata') as object)[0]!
    : textAt(object, name === 'id' && at(object, 'lago_id') !== undefined ? 'lago_id' : name);

const name = ({ method, path }: Route): string => `${method.toUpperCase()} ${path}`;

const withParameters = routes.filter((route) => parametersOf(route).length > 0);
const lists = routes.filter((route) => route.method === 'get' && parametersOf(route).length === 0);

describe('what belongs to another organization', () => {
  test.each(withParameters.map((route) => [name(route), route] as const))('is a 404 for %s', async (_, route) => {
    const path = await pathOf(route);
    const answer = await stranger.send(route.method.toUpperCase(), path, bodyOf(route));
    expect({ status: answer.status, code: at(answer.body, 'code') }).toEqual({
      status: 404,
      code: expect.stringMatching(/_not_found$/),
    });
  });

  test.each(
    withParameters
      .filter((route) => route.method === 'get' && !route.query)
      .map((route) => [name(route), route] as const),
  )('is there for its owner: %s', async (_, route) => {
    expect((await owner.send('GET', await pathOf(route))).status).toBe(200);
  });

  test.each(lists.map((route) => [name(route), route] as const))('is not in %s', async (_, route) => {
    const query = route.query ? new URLSearchParams(sampleOf(route.query) as Record<string, string>).toString() : '';
    const path = `${route.path}?${query}`;
    const strange = JSON.stringify((await stranger.send('GET', path)).body);
    expect(strange).not.toMatch(/owned/i);
    expect(strange).not.toContain(owner.organizationId);
  });

  test('is not changed by any of these requests', async () => {
    const everything = async () => {
      const answers = lists.map((route) => owner.send('GET', route.path));
      return (await Promise.all(answers)).map(({ body }) => body);
    };
    const before = await everything();
    for (const route of withParameters.filter(({ method }) => method !== 'get')) {
      await stranger.send(route.method.toUpperCase(), await pathOf(route), bodyOf(route));
    }
    expect(await everything()).toEqual(before);
  });
});

describe('an id of another organization in a body', () => {
  test('is unknown: a metric in a plan', async () => {
    const list = await owner.ok('GET', '/billable_metrics');
    const answer = await stranger.send('POST', '/plans', {
      plan: {
        name: 'Plan',
        code: 'plan',
        interval: 'monthly',
        amount_cents: 100,
        amount_currency: 'EUR',
        charges: [{ billable_metric_id: at(list, 'billable_metrics.0.lago_id'), charge_model: 'standard' }],
      },
    });
    expect({ status: answer.status, code: at(answer.body, 'code') }).toEqual({
      status: 404,
      code: 'billable_metrics_not_found',
    });
  });

  test('is unknown: a plan and a customer in a subscription', async () => {
    const answer = await stranger.send('POST', '/subscriptions', {
      subscription: { external_customer_id: 'owned-customer', external_id: 's', plan_code: 'owned-plan' },
    });
    expect({ status: answer.status, code: at(answer.body, 'code') }).toEqual({ status: 404, code: 'plan_not_found' });
  });

  test('is another thing of the same name: an external id', async () => {
    const created = await stranger.ok('POST', '/customers', {
      customer: { external_id: 'owned-customer', name: 'Own' },
    });
    const theirs = await owner.ok('GET', '/customers/owned-customer');
    expect(at(created, 'customer.lago_id')).not.toBe(at(theirs, 'customer.lago_id'));
    expect(at(theirs, 'customer.name')).toBe('Owned customer');
    await stranger.ok('DELETE', '/customers/owned-customer');
    expect((await owner.send('GET', '/customers/owned-customer')).status).toBe(200);
  });
});
