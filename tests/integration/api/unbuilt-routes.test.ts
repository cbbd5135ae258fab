import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { routes } from '../../../api/routes.ts';
import { unbuiltRoutes } from '../../../api/document/unbuilt-routes.ts';
import {
  asPlain,
  featureUnavailable,
  listeningApp,
  notFound,
  textAt,
  type Caller,
  type ListeningApp,
} from './listening-app.ts';

let app: ListeningApp;
let caller: Caller;

beforeAll(async () => {
  app = await listeningApp();
  caller = await app.organization();
});
afterAll(() => app.close());

/** A route with `x` for each parameter. */
const called = ({ method, path }: { readonly method: string; readonly path: string }): string =>
  `${method.toUpperCase()} ${path.replaceAll(/:\w+/g, 'x')}`;

/** The answers of all of them, by route. */
async function answers(send: (method: string, path: string) => Promise<unknown>): Promise<Record<string, unknown>> {
  const all: Record<string, unknown> = {};
  for (const line of unbuiltRoutes.map((route) => called(route))) {
    const [method = '', path = ''] = line.split(' ');
    all[line] = await send(method, path);
  }
  return all;
}

const forAll = (answer: (permission: string, mode: string) => unknown): Record<string, unknown> =>
  Object.fromEntries(
    unbuiltRoutes.map((route) => [called(route), answer(route.permission, route.method === 'get' ? 'read' : 'write')]),
  );

test('a route that is not built yet is a 403 that says so, with and without a body', async () => {
  expect(await answers(async (method, path) => asPlain(await caller.send(method, path)))).toEqual(
    forAll(() => featureUnavailable()),
  );
  expect(asPlain(await caller.send('POST', '/wallets', { wallet: { currency: 'EUR' } }))).toEqual(featureUnavailable());
});

test('it is nothing to a stranger', async () => {
  const unauthorized = { status: 401, body: { status: 401, error: 'Unauthorized' } };
  expect(await answers(async (method, path) => asPlain(await app.send('x', method, `/api/v1${path}`)))).toEqual(
    forAll(() => unauthorized),
  );
});

test('it asks for its permission first', async () => {
  const made = await caller.ok('POST', '/api_keys', { api_key: { permissions: { customer: ['read'] } } });
  const key = textAt(made, 'api_key.value');
  const { 'GET /customers/x/portal_url': allowed, ...others } = await answers(async (method, path) =>
    asPlain(await app.send(key, method, `/api/v1${path}`)),
  );
  expect(allowed).toEqual(featureUnavailable());
  const { 'GET /customers/x/portal_url': _, ...refused } = forAll((permission, mode) => ({
    status: 403,
    body: { status: 403, error: 'Forbidden', code: `${mode}_action_not_allowed_for_${permission}` },
  }));
  expect(others).toEqual(refused);
});

test('for an idempotency key nothing is kept, since the next version may do it', async () => {
  const key = { 'Idempotency-Key': 'once' };
  expect((await caller.send('POST', '/wallets', { wallet: {} }, key)).status).toBe(403);
  // Had it been kept, another request with the key would be refused.
  expect((await caller.send('POST', '/customers', { customer: { external_id: 'c' } }, key)).status).toBe(200);
});

test('an address that Lago does not have stays a 404, and another method is a 405', async () => {
  expect(asPlain(await caller.send('GET', '/wallet'))).toEqual(notFound('resource'));
  expect((await caller.send('PATCH', '/wallets')).status).toBe(405);
});

test('no route is both built and not, and none is listed twice', () => {
  const all = [...routes, ...unbuiltRoutes].map((route) => called(route));
  expect(all.filter((line, at) => all.indexOf(line) !== at)).toEqual([]);
});

test('whatever the official client calls is built or on the list', () => {
  const main = createRequire(import.meta.url).resolve('lago-javascript-client');
  const source = readFileSync(new URL('openapi/client.js', `file://${main}`), 'utf8');
  const calls = [...source.matchAll(/path: `([^`]*)`,\s*method: "(\w+)"/g)].map(
    ([, path = '', method = '']) => `${method} ${path.replaceAll(/\$\{\w+\}/g, 'x')}`,
  );
  expect(calls.length).toBeGreaterThan(200);
  const known = new Set([...routes, ...unbuiltRoutes].map((route) => called(route)));
  expect(calls.filter((call) => !known.has(call))).toEqual([]);
});
