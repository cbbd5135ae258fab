import { resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { z } from 'zod';

/** What `npm start` is told by the environment; the API and the worker read their own variables themselves. */
export interface Configuration {
  readonly host: string;
  /** 0: any free one, which stays the same over restarts. */
  readonly port: number;
  /** undefined: the embedded PostgreSQL. */
  readonly databaseUrl: string | undefined;
  /** undefined: the embedded Temporal. */
  readonly temporalAddress: string | undefined;
  readonly temporalNamespace: string | undefined;
  readonly temporalUiUrl: string | undefined;
  /** Absolute. */
  readonly dataDirectory: string;
  readonly adminKey: string | undefined;
  readonly secretKey: string | undefined;
  /** undefined: the address at which the API listens. */
  readonly publicUrl: string | undefined;
  /** Whether the sample story may be billed. */
  readonly demo: boolean;
}

const SECONDS_MAX = 86_400;
const matching = (pattern: RegExp, expected: string) => z.string().regex(pattern, expected).optional();
const oneOf = (...values: string[]) => z.enum(values, values.map((value) => `"${value}"`).join(' or ')).optional();
const atLeast = (length: number) => z.string().min(length, `at least ${length} characters long`).optional();

function whole(least: number, most: number) {
  const expected = `a whole number from ${least} to ${most}`;
  const inRange = (text: string) => /^\d{1,9}$/.test(text) && Number(text) >= least && Number(text) <= most;
  return z.string().refine(inRange, expected).optional();
}

function url(expected: string, ...protocols: string[]) {
  return z
    .string()
    .refine((text) => protocols.includes(URL.parse(text)?.protocol ?? ''), expected)
    .optional();
}

/** Without a database's name each library would choose another one; a `%` that encodes nothing fails in the middle of the start. */
function namesDatabase(text: string): boolean {
  const { protocol, username, password, pathname } = URL.parse(text) ?? {};
  if (protocol !== 'postgres:' && protocol !== 'postgresql:') return false;
  try {
    for (const part of [username, password]) decodeURIComponent(part ?? '');
    return /^\/[^/]+$/.test(decodeURIComponent(pathname ?? ''));
  } catch {
    return false;
  }
}

const databaseUrl = z
  .string()
  .refine(namesDatabase, 'a URL such as postgres://user:password@host:5432/database')
  .optional();

const httpUrl = url('a URL that begins with http:// or https://', 'http:', 'https:');

/** Every variable that a person may set, including those which only the API or the worker reads: a mistake should show at the start. */
const variables = z.object({
  PORT: whole(0, 65_535),
  HOST: matching(/^\S+$/, 'a host name or an IP address'),
  DATABASE_URL: databaseUrl,
  TEMPORAL_ADDRESS: matching(/^\S+:\d+$/, 'host:port'),
  TEMPORAL_NAMESPACE: matching(/^\S+$/, 'the name of a namespace'),
  TEMPORAL_UI_URL: httpUrl,
  DURABILL_DATA_DIR: z.string().optional(),
  DURABILL_ADMIN_KEY: atLeast(16),
  DURABILL_SECRET_KEY: atLeast(32),
  DURABILL_DEMO: oneOf('true', 'false'),
  DURABILL_BILLING_DELAY_SECONDS: whole(0, SECONDS_MAX),
  DURABILL_BILLING_SPREAD_SECONDS: whole(0, SECONDS_MAX),
  DURABILL_PUBLIC_URL: httpUrl,
  VIES_URL: httpUrl,
  DURABILL_ALLOW_PRIVATE_WEBHOOKS: oneOf('true', 'false'),
  DURABILL_LIFETIME_USAGE_REFRESH: oneOf('enabled', 'disabled'),
  DURABILL_LIFETIME_USAGE_REFRESH_INTERVAL_SECONDS: whole(1, SECONDS_MAX),
});

const SECRET = new Set(['DATABASE_URL', 'DURABILL_ADMIN_KEY', 'DURABILL_SECRET_KEY']);

const DEFAULT_DATA_DIRECTORY = fileURLToPath(new URL('../.data', import.meta.url));

/**
 * Reads the variables; an empty one counts as not set.
 *
 * @throws Error with a sentence for each variable whose value is not possible.
 */
export function readConfiguration(environment: NodeJS.ProcessEnv): Configuration {
  const set = Object.fromEntries(Object.entries(environment).filter(([, value]) => value !== ''));
  const { data, error } = variables.safeParse(set);
  if (error)
    throw new Error(error.issues.map(({ path, message }) => sentence(String(path[0]), message, set)).join('\n  '));
  return {
    host: data.HOST ?? '127.0.0.1',
    port: Number(data.PORT ?? 3000),
    databaseUrl: data.DATABASE_URL,
    temporalAddress: data.TEMPORAL_ADDRESS,
    temporalNamespace: data.TEMPORAL_NAMESPACE,
    temporalUiUrl: data.TEMPORAL_UI_URL,
    dataDirectory: resolve(data.DURABILL_DATA_DIR ?? DEFAULT_DATA_DIRECTORY),
    adminKey: data.DURABILL_ADMIN_KEY,
    secretKey: data.DURABILL_SECRET_KEY,
    publicUrl: data.DURABILL_PUBLIC_URL,
    demo: data.DURABILL_DEMO !== 'false',
  };
}

function sentence(name: string, expected: string, set: NodeJS.ProcessEnv): string {
  return SECRET.has(name) ? `${name} must be ${expected}.` : `${name} is "${set[name]}"; it must be ${expected}.`;
}
