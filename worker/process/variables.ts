import { z } from 'zod';
import { parseVatNumber } from '../../billing/taxes/vat-number.ts';
import { readAllowedNetworks } from '../../activities/webhooks/allowed-networks.ts';

const SECONDS_MAX = 86_400;
const matching = (pattern: RegExp, expected: string) => z.string().regex(pattern, expected).optional();
const oneOf = (...values: string[]) => z.enum(values, listed(values)).optional();
const listed = (values: readonly string[]) =>
  values
    .map((value) => `"${value}"`)
    .join(', ')
    .replace(/, ("[^"]*")$/, ' or $1');
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

/**
 * Without a database's name each library would choose another one; a `%` that encodes nothing fails in the middle of
 * the start.
 */
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

function namesNetworks(text: string): boolean {
  try {
    readAllowedNetworks(text);
    return true;
  } catch {
    return false;
  }
}

const databaseUrl = z
  .string()
  .refine(namesDatabase, 'a URL such as postgres://user:password@host:5432/database')
  .optional();

/** Announcements of one end at most, and the longest time before it. */
const ALERTS_MAX = 20;
const ALERT_DAYS_MAX = 3650;

function areAlertDays(text: string): boolean {
  const days = text.split(',');
  return (
    days.length <= ALERTS_MAX &&
    days.every((day) => /^\d{1,4}$/.test(day) && Number(day) >= 1 && Number(day) <= ALERT_DAYS_MAX)
  );
}

const alertDays = z
  .string()
  .refine(areAlertDays, `a list of at most ${ALERTS_MAX} numbers of days from 1 to ${ALERT_DAYS_MAX}, such as 15,45`)
  .optional();

const httpUrl = url('a URL that begins with http:// or https://', 'http:', 'https:');

/**
 * Every variable that a person may set, of the supervisor, the API and the worker alike: a mistake shows at the start
 * of whichever process is started, by the variable's name. README.md and docs/operations.md say what each means.
 */
const page = z.object({
  PORT: whole(0, 65_535),
  HOST: matching(/^\S+$/, 'a host name or an IP address'),
  DATABASE_URL: databaseUrl,
  DATABASE_POOL: whole(1, 500),
  TEMPORAL_ADDRESS: matching(/^\S+:\d+$/, 'host:port'),
  TEMPORAL_NAMESPACE: matching(/^\S+$/, 'the name of a namespace'),
  TEMPORAL_UI_URL: httpUrl,
  TEMPORAL_CLI: z.string().optional(),
  TEMPORAL_TEST_SERVER: z.string().optional(),
  LOG_LEVEL: oneOf('trace', 'debug', 'info', 'warn', 'error', 'fatal', 'silent'),
  OTEL_EXPORTER_OTLP_ENDPOINT: httpUrl,
  OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: httpUrl,
  OTEL_SERVICE_NAME: z.string().optional(),
  OTEL_SDK_DISABLED: oneOf('true', 'false'),
  DURABILL_DATA_DIR: z.string().optional(),
  DURABILL_ADMIN_KEY: atLeast(16),
  DURABILL_SECRET_KEY: atLeast(32),
  DURABILL_DEMO: oneOf('true', 'false'),
  DURABILL_METRICS: oneOf('enabled', 'disabled'),
  DURABILL_METRICS_PORT: whole(1, 65_535),
  DURABILL_QUEUES: matching(
    /^(urgent|billing|exports|bulk|webhooks)(,(urgent|billing|exports|bulk|webhooks))*$/,
    'some of urgent, billing, exports, bulk and webhooks, with commas between them',
  ),
  DURABILL_TASK_QUEUE_PREFIX: matching(/^\S+$/, 'a text without spaces'),
  DURABILL_TAKEOVER_SECONDS: whole(1, 60),
  DURABILL_WORKFLOW_BUNDLE: matching(/\.js$/, 'the path of a .js file, as npm run bundle writes it'),
  DURABILL_EMBEDDED_TEMPORAL: oneOf('true', 'false'),
  DURABILL_CHECK_ANSWERS: oneOf('true', 'false'),
  DURABILL_BILLING_DELAY_SECONDS: whole(0, SECONDS_MAX),
  DURABILL_BILLING_SPREAD_SECONDS: whole(0, SECONDS_MAX),
  DURABILL_FILES: url('a URL such as file:///var/lib/durabill/files or s3://bucket/prefix', 'file:', 's3:'),
  DURABILL_S3_ENDPOINT: httpUrl,
  DURABILL_EXPORT_PART_SIZE: whole(1, 1000),
  DURABILL_EXPORT_PATIENCE_SECONDS: whole(0, SECONDS_MAX),
  DURABILL_SMTP_URL: url('a URL such as smtp://user:password@host:587 or smtps://host', 'smtp:', 'smtps:'),
  DURABILL_MAIL_FROM: matching(/^[^\s@<>]+@[^\s@<>]+$/, 'an e-mail address'),
  DURABILL_PUBLIC_URL: httpUrl,
  DURABILL_TERMINATION_ALERT_DAYS: alertDays,
  LAGO_SUBSCRIPTION_TERMINATION_ALERT_SENT_AT_DAYS: alertDays,
  VIES_URL: httpUrl,
  VIES_REQUESTER_NUMBER: z
    .string()
    .refine((text) => parseVatNumber(text) !== null, 'a VAT number such as DE123456789')
    .optional(),
  DURABILL_ALLOW_PRIVATE_WEBHOOKS: z
    .string()
    .refine(namesNetworks, 'true, false, or networks such as 10.0.0.0/8,fd00::/8')
    .optional(),
});

export type Variables = z.infer<typeof page>;
export type VariableName = keyof Variables;

/** For the tests that compare this page with docker-compose.yml and the documents. */
export const variableNames = Object.keys(page.shape) as readonly VariableName[];

/** Whose values no message may show. */
export const SECRET_VARIABLES: ReadonlySet<string> = new Set<VariableName>([
  'DATABASE_URL',
  'DURABILL_ADMIN_KEY',
  'DURABILL_SECRET_KEY',
  'DURABILL_SMTP_URL',
]);

/**
 * Reads the variables; an empty one counts as not set.
 *
 * @param required of which each must be set, with what it is.
 * @throws Error with a sentence for each variable that is missing or whose value is not possible.
 */
export function readVariables(
  environment: NodeJS.ProcessEnv,
  required: Partial<Record<VariableName, string>> = {},
): Variables {
  const set = Object.fromEntries(Object.entries(environment).filter(([, value]) => value !== ''));
  const missing = Object.entries(required)
    .filter(([name]) => set[name] === undefined)
    .map(([name, what]) => `${name} is not set: it must be ${what}. (\`npm start\` sets it by itself.)`);
  const { data, error } = page.safeParse(set);
  const wrong = error?.issues.map(({ path, message }) => sentence(String(path[0]), message, set)) ?? [];
  if (data === undefined || missing.length > 0) throw new Error([...missing, ...wrong].join('\n  '));
  return data;
}

function sentence(name: string, expected: string, set: NodeJS.ProcessEnv): string {
  return SECRET_VARIABLES.has(name)
    ? `${name} must be ${expected}.`
    : `${name} is "${set[name]}"; it must be ${expected}.`;
}
