// The examples of the OpenAPI document are sent as they stand, in its order, to an empty organization: each request
// must succeed, and what is answered is the example of the answer. Ids, keys and the time of the day are told apart
// from run to run; they get names by the order in which they come.
import { readFileSync, writeFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { RECORDED, exampleId, requestExamples, type RecordedAnswer } from '../../../api/document/examples.ts';
import { operationIdOf } from '../../../api/document/operation-id.ts';
import type { Route } from '../../../api/http/route.ts';
import { routes } from '../../../api/routes.ts';
import { tagOf, tags } from '../../../api/document/tags.ts';
import { createdOrganizationAnswer } from '../../../api/organizations/schema.ts';
import { actsByHand, type ActsByHand } from '../../support/acts-by-hand.ts';
import { ADMIN_KEY, at, listeningApp, textAt, type Answer, type ListeningApp } from './listening-app.ts';

/** Where there is nothing to answer but a refusal. */
const REFUSED = new Set(['getEventsEnriched']);

const order = tags.map(({ name }) => name);
const inOrder = routes.toSorted((one, other) => order.indexOf(tagOf(one)) - order.indexOf(tagOf(other)));

/** What is deleted is needed until then. */
const story = [
  ...inOrder.filter(({ method }) => method !== 'delete'),
  ...inOrder.filter(({ method }) => method === 'delete').toReversed(),
].filter((route) => !REFUSED.has(operationIdOf(route)));

let app: ListeningApp;
let apiKey: string;
let acts: ActsByHand;
const recorded: Record<string, RecordedAnswer> = {};
const statuses: Record<string, number> = {};
/** The newest object of each list, by the first word of its path. */
const newest: Record<string, unknown> = {};

beforeAll(async () => {
  app = await listeningApp();
  const begun = Date.now();
  const created = await app.send(ADMIN_KEY, 'POST', '/admin/organizations', requestExamples['createOrganization']);
  apiKey = textAt(created.body, 'organization.api_key');
  acts = actsByHand(app.orm, textAt(created.body, 'organization.lago_id'));
  await acts.run('2026-01-01T00:00:00Z');
  const names = exampleNames(begun);
  for (const route of story) {
    const id = operationIdOf(route);
    await before(id);
    const path = await parametersOf(route);
    const answer = await send(route, path, names.real(requestExamples[id]));
    statuses[id] = answer.status;
    remember(route, answer.body);
    const entries = Object.entries(path).map(([name, value]) => [name, names.example(value) as string] as const);
    recorded[id] = { path: Object.fromEntries(entries), answer: names.example(answer.body) };
  }
  recorded['createOrganization'] = { path: {}, answer: names.example(created.body) };
  if (process.env['RECORD_EXAMPLES']) writeFileSync(RECORDED, `${JSON.stringify(recorded, null, 2)}\n`);
});
afterAll(() => app.close());

const pathOf = (route: Route, parameters: Readonly<Record<string, string>>): string =>
  route.path.replaceAll(/:(\w+)/g, (_, name: string) => encodeURIComponent(parameters[name] ?? ''));

function send(route: Route, parameters: Readonly<Record<string, string>>, body: unknown): Promise<Answer> {
  const query = {
    ...(route.path.endsWith('_usage') && { external_subscription_id: 'acme-startup' }),
    ...(route.query && 'per_page' in (route.query as { shape?: object }).shape! && { per_page: '1' }),
  };
  const path = `${pathOf(route, parameters)}?${new URLSearchParams(query).toString()}`;
  return app.send(apiKey, route.method.toUpperCase(), `/api/v1${path}`, body);
}

const collectionOf = ({ path }: Route): string => path.split('/')[1] ?? '';

/** What path parameters stand for: the newest object of the list that the path begins with. */
async function parametersOf(route: Route): Promise<Record<string, string>> {
  const names = [...route.path.matchAll(/:(\w+)/g)].map(([, name = '']) => name);
  if (names.length === 0) return {};
  const collection = collectionOf(route);
  newest[collection] ??= at((await app.send(apiKey, 'GET', `/api/v1/${collection}`)).body, `${collection}.0`);
  return Object.fromEntries(
    names.map((name) => {
      const inner = route.path.split('/').find((word) => name === `${word.slice(0, -1)}_id`);
      if (inner !== undefined) return [name, textAt(newest[inner], 'lago_id')];
      if (name === 'charge_code') return [name, textAt(newest['charges'], 'code')];
      const object = newest[collection];
      if (name === 'key') return [name, Object.keys(at(object, 'metadata') as object)[0]!];
      if (object === undefined) throw new Error(`${operationIdOf(route)} needs one of ${collection}`);
      return [name, textAt(object, name === 'id' && at(object, 'lago_id') !== undefined ? 'lago_id' : name)];
    }),
  );
}

function remember(route: Route, body: unknown): void {
  const [root = '', object] = Object.entries(body ?? {})[0] ?? [];
  const collection = collectionOf(route);
  // What is within another object: `/plans/:code/charges`.
  const inner = route.path.split('/').find((word, index) => index > 1 && word === `${root}s`);
  if (inner !== undefined && inner !== collection) newest[inner] = object;
  const isOfCollection = `${root}s` === collection || `${root.slice(0, -1)}ies` === collection;
  if (root === collection) newest[collection] = at(object, '0');
  else if (isOfCollection && (at(object, 'lago_id') ?? at(object, 'id'))) newest[collection] = object;
}

/** What has to have happened before an operation: time passes, something fails. */
async function before(operationId: string): Promise<void> {
  switch (operationId) {
    case 'getCustomerCurrentUsage':
      return acts.advance('2026-01-15T12:00:00Z');
    case 'getCustomerProjectedUsage':
      await app.rows(`update organizations set premium_integrations = '["projected_usage"]'`);
      return undefined;
    case 'estimateEventFees':
      await app.rows('update charges set pay_in_advance = true');
      return undefined;
    case 'listEvents':
      await app.rows('update charges set pay_in_advance = false');
      return undefined;
    case 'updateFee': {
      // One without invoice, as charges in advance make them.
      const [fee] = (await app.rows(
        `insert into fees select (jsonb_populate_record(null::fees, to_jsonb(fees) ||
           jsonb_build_object('id', gen_random_uuid(), 'invoice_id', null))).* from fees limit 1 returning id`,
      )) as { id: string }[];
      newest['fees'] = { lago_id: fee!.id };
      return undefined;
    }
    case 'listInvoices':
      return acts.advance('2026-02-01T12:00:00Z');
    case 'billSubscription':
      await app.rows(`update organizations set clock_now = '2026-03-01T12:00:00Z'`);
      return undefined;
    case 'retryInvoice':
      await app.rows(`update invoices set status = 'failed', tax_status = 'failed' where id = $1`, [
        textAt(newest['invoices'], 'lago_id'),
      ]);
      return undefined;
    case 'createCreditNote':
      // It has the taxes already that the retry has asked for.
      await app.rows(`update invoices set status = 'finalized', tax_status = 'succeeded' where status = 'pending'`);
      return undefined;
    case 'refreshInvoice':
      newest['invoices'] = at((await app.send(apiKey, 'GET', '/api/v1/invoices?status=draft')).body, 'invoices.0');
      return undefined;
    case 'deleteInvoice':
      await acts.advance('2026-03-01T12:00:00Z');
      newest['invoices'] = undefined;
      return undefined;
    case 'getDataExport':
      return acts.advance('2026-03-01T12:00:00Z');
    case 'cancelDataExport':
      newest['data_exports'] = at(
        (await app.send(apiKey, 'POST', '/api/v1/data_exports', requestExamples['createDataExport'])).body,
        'data_export',
      );
      return undefined;
    case 'listWebhooks':
      await app.send(apiKey, 'POST', '/api/v1/customers', requestExamples['createCustomer']);
      return undefined;
    case 'retryWorkflow':
      await app.rows(`update acts set state = 'failed', error = 'The disk was full' where id = $1`, [
        textAt(newest['workflows'], 'id'),
      ]);
      return undefined;
    case 'runTestClock':
      await app.rows(`update acts set state = 'done' where kind = 'clock'`);
      return undefined;
    default:
      return undefined;
  }
}

const UUID = /[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}/g;
const MOMENT = /\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{3})?Z/g;

/** Keeps what differs from run to run apart from what does not. */
function exampleNames(begun: number) {
  const byReal = new Map<string, string>();
  const nameOf = (real: string): string => {
    const name = byReal.get(real) ?? exampleId(byReal.size + 1);
    byReal.set(real, name);
    return name;
  };
  const isOfTheDay = (moment: string): boolean => Date.parse(moment) >= begun - 60_000;
  const exampleText = (text: string): string =>
    text
      .replaceAll(UUID, nameOf)
      .replaceAll(MOMENT, (moment, fraction?: string) =>
        isOfTheDay(moment) ? `2026-01-01T00:00:00${fraction === undefined ? '' : '.000'}Z` : moment,
      )
      .replace(/signature=[\w-]+/, 'signature=bm90IGEga2V5')
      .replace(/^•+.{4}$/, '••••••••1a2b');
  const mapped = (value: unknown, text: (value: string, key: string) => string, key = ''): unknown => {
    if (typeof value === 'string') return text(value, key);
    if (Array.isArray(value)) return value.map((item: unknown) => mapped(item, text, key));
    if (typeof value !== 'object' || value === null) return value;
    return Object.fromEntries(Object.entries(value).map(([name, inner]) => [name, mapped(inner, text, name)]));
  };
  return {
    example: (value: unknown) =>
      mapped(value, (text, name) => (SECRETS.has(name) || text.length > 500 ? 'bm90IGEga2V5' : exampleText(text))),
    real: (value: unknown) => {
      const byExample = new Map([...byReal].map(([real, name]) => [name, real]));
      return mapped(value, (text) => text.replaceAll(UUID, (name) => byExample.get(name) ?? name));
    },
  };
}

const SECRETS = new Set(['hmac_key', 'public_key']);

test('every request is answered with its success', () => {
  expect(statuses).toEqual(
    Object.fromEntries(story.map((route) => [operationIdOf(route), route.status ?? 200] as const)),
  );
});

test('every operation with a body has an example of it', () => {
  const withBody = story.filter(({ body, method }) => body && method !== 'delete').map((route) => operationIdOf(route));
  expect(withBody.filter((id) => !(id in requestExamples))).toEqual([]);
  expect(withBody.toSorted()).toEqual(
    Object.keys(requestExamples)
      .filter((id) => id !== 'createOrganization')
      .toSorted(),
  );
});

test('what is answered is the example of the answer', () => {
  expect(JSON.parse(readFileSync(RECORDED, 'utf8'))).toEqual(recorded);
});

describe('an example of an answer', () => {
  test('is what the schema of the answer says', () => {
    const wrong = story.filter((route) => !route.answer.safeParse(recorded[operationIdOf(route)]?.answer).success);
    expect(wrong.map((route) => operationIdOf(route))).toEqual([]);
    expect(createdOrganizationAnswer.safeParse(recorded['createOrganization']?.answer).success).toBe(true);
  });

  test('looks like one: an invoice with its fees', () => {
    const invoice = at(recorded['getInvoice']?.answer, 'invoice');
    expect(at(invoice, 'fees')).toHaveLength(3);
    expect(at(invoice, 'total_amount_cents')).toBe(10_137);
  });
});
