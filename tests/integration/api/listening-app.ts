import type { AddressInfo } from 'node:net';
import { join as pathTo } from 'node:path';
import type { MikroORM } from '@mikro-orm/postgresql';
import { Client } from 'lago-javascript-client';
import { pino } from 'pino';
import { readAllowedNetworks } from '../../../activities/webhooks/allowed-networks.ts';
import { makeWebhookKeys } from '../../../activities/webhooks/webhook-keys.ts';
import type { FileStore } from '../../../activities/files/file-store.ts';
import { folderStore } from '../../../activities/files/folder-store.ts';
import { signedLinks } from '../../../activities/files/signed-links.ts';
import { makeApp } from '../../../api/http/app.ts';
import { makeServer } from '../../../api/http/server.ts';
import type { JoinAct } from '../../../activities/acts/join-act.ts';
import { noFault, type FaultPoint } from '../../../activities/fault-point.ts';
import type { ActToStart } from '../../../db/acts/act.ts';
import { openOrm } from '../../../db/orm.ts';
import { sessionLocks } from '../../../db/session-locks.ts';
import { sql } from '../../../db/sql.ts';
import { currentLogFacts } from '../../../telemetry/log-facts.ts';
import { runFolder } from '../../support/processes/run-folder.ts';
import { onStatement } from '../../support/on-statement.ts';
import { testDatabase, type TestDatabase } from '../../support/servers/test-database.ts';

/** The API inside the test's process, on a database of its own; each answer is checked against its schema. */
export interface ListeningApp {
  readonly url: string;
  readonly orm: MikroORM;
  /** Every act that a request has asked to start, oldest first; nothing starts them. */
  readonly started: readonly ActToStart[];
  /** Creates an organization over HTTP, in test mode unless said otherwise. */
  organization(settings?: Readonly<Record<string, unknown>>): Promise<Caller>;
  /** A request without `/api/v1` in front, with any key. */
  send(key: string, method: string, path: string, body?: unknown, headers?: Headings): Promise<Answer>;
  rows<Row extends object>(text: string, parameters?: readonly unknown[]): Promise<Row[]>;
  /** How many statements the database is sent meanwhile. */
  statementsOf(work: () => Promise<unknown>): Promise<number>;
  close(): Promise<void>;
  /** Closes it without deleting its database. */
  closeAndKeep(): Promise<TestDatabase>;
}

export interface Answer {
  readonly status: number;
  readonly headers: Headers;
  readonly body: unknown;
}

type Headings = Readonly<Record<string, string>>;

/** Somebody with an organization's key. */
export interface Caller {
  readonly organizationId: string;
  readonly key: string;
  readonly lago: ReturnType<typeof Client>;
  send(method: string, path: string, body?: unknown, headers?: Headings): Promise<Answer>;
  /** A request that must succeed. @returns the body. */
  ok(method: string, path: string, body?: unknown): Promise<unknown>;
}

export const ADMIN_KEY = 'operator-key';

export interface ListeningAppOptions {
  readonly fault?: FaultPoint;
  /** What stands for the workflows that requests await; absent: none answers. */
  readonly join?: JoinAct;
  /** Where files are; absent: in a folder of the test run. */
  readonly files?: FileStore;
  /** Gets each line of the log. */
  readonly onLogLine?: (line: string) => void;
}

export async function listeningApp({
  fault = noFault,
  join,
  onLogLine,
  files,
}: ListeningAppOptions = {}): Promise<ListeningApp> {
  const database = await testDatabase();
  const orm = await openOrm(database.databaseUrl);
  const started: ActToStart[] = [];
  const log = onLogLine
    ? pino({ level: 'debug', mixin: currentLogFacts }, { write: onLogLine })
    : pino({ level: 'silent' });
  const app = makeApp({
    orm,
    log,
    adminKey: ADMIN_KEY,
    timing: { delaySeconds: 0, spreadSeconds: 0, alertDays: [15, 45] },
    allowedNetworks: readAllowedNetworks(undefined),
    webhookKeys: makeWebhookKeys(orm, 'the secret key of the tests'),
    files: files ?? folderStore(pathTo(runFolder(), 'files')),
    links: signedLinks('the secret key of the tests', 'https://billing.test'),
    locks: sessionLocks(database.databaseUrl),
    workflowUrl: (id) => `http://temporal.test/${encodeURIComponent(id)}`,
    start: (acts) => void started.push(...acts),
    ...(join && { join }),
    isReady: () => true,
    fault,
    checkAnswers: true,
  });
  const server = makeServer(app, log).listen(0, '127.0.0.1');
  await new Promise((resolve) => server.once('listening', resolve));
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;

  const send: ListeningApp['send'] = async (key, method, path, body, headers = {}) => {
    const response = await fetch(url + path, {
      method,
      headers: { Authorization: `Bearer ${key}`, 'Content-Type': 'application/json', ...headers },
      ...(body === undefined ? {} : { body: typeof body === 'string' ? body : JSON.stringify(body) }),
    });
    const text = await response.text();
    const isJson = response.headers.get('Content-Type')?.startsWith('application/json') ?? false;
    return {
      status: response.status,
      headers: response.headers,
      body: isJson && text !== '' ? (JSON.parse(text) as unknown) : text,
    };
  };

  let statements = 0;
  await onStatement(orm, () => statements++);

  const organization: ListeningApp['organization'] = async (settings = {}) => {
    const { body } = await send(ADMIN_KEY, 'POST', '/admin/organizations', {
      organization: { name: 'Acme', test_mode: true, ...settings },
    });
    const key = textAt(body, 'organization.api_key');
    const asCaller: Caller['send'] = (method, path, inner, headers) =>
      send(key, method, `/api/v1${path}`, inner, headers);
    return {
      organizationId: textAt(body, 'organization.lago_id'),
      key,
      lago: Client(key, { baseUrl: `${url}/api/v1` }),
      send: asCaller,
      ok: async (method, path, inner) => {
        const answer = await asCaller(method, path, inner);
        if (answer.status !== 200) {
          throw new Error(`${method} ${path} answered ${answer.status}: ${JSON.stringify(answer.body)}`);
        }
        return answer.body;
      },
    };
  };

  const end = async (): Promise<void> => {
    await new Promise((resolve) => server.close(resolve));
    await orm.close();
  };

  return {
    url,
    orm,
    started,
    organization,
    send,
    rows: (text, parameters) => sql(orm.em.fork(), text, parameters),
    statementsOf: async (work) => {
      const before = statements;
      await work();
      return statements - before;
    },
    close: async () => {
      await end();
      await database.drop();
    },
    closeAndKeep: async () => {
      await end();
      return database;
    },
  };
}

/** What is at a dotted path: `plan.charges.0.code`. */
export function at(body: unknown, path: string): unknown {
  return path.split('.').reduce<unknown>((value, key) => (value as Record<string, unknown> | null)?.[key], body);
}

/** The same where a text must be. */
export function textAt(body: unknown, path: string): string {
  const value = at(body, path);
  if (typeof value !== 'string') throw new Error(`no text at ${path} of ${JSON.stringify(body)}`);
  return value;
}

/** A 422 with these codes and no others. */
export const validationErrors = (details: Readonly<Record<string, unknown>> | string) => ({
  status: 422,
  body: { status: 422, error: 'Unprocessable Entity', code: 'validation_errors', error_details: details },
});

export const notFound = (resource: string) => ({
  status: 404,
  body: { status: 404, error: 'Not Found', code: `${resource}_not_found` },
});

/** A 403 that names these fields, or none. */
export const featureUnavailable = (...fields: readonly string[]) => ({
  status: 403,
  body: {
    status: 403,
    error: 'Forbidden',
    code: 'feature_unavailable',
    ...(fields.length > 0 && {
      error_details: Object.fromEntries(fields.map((field) => [field, ['feature_unavailable']])),
    }),
  },
});

export const asPlain = ({ status, body }: Answer) => ({ status, body });
