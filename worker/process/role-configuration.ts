import { resolve } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { PART_SIZE, STORAGE_PATIENCE_MS } from '../../activities/data-exports/export-settings.ts';
import type { FilesSetting } from '../../activities/files/open-file-store.ts';
import type { MailServer } from '../../activities/mail/post-mail.ts';
import { readAllowedNetworks, type AllowedNetworks } from '../../activities/webhooks/allowed-networks.ts';
import type { BillingTiming } from '../../activities/billing-timing.ts';
import {
  TAKEOVER_SECONDS,
  temporalConfiguration,
  type TemporalConfiguration,
} from '../../activities/acts/temporal-connection.ts';
import { VIES_REST_API, type ViesOptions } from '../../activities/taxes/ask-vies.ts';
import { parseVatNumber } from '../../billing/taxes/vat-number.ts';
import { DEFAULT_ALERT_DAYS } from '../../billing/calendar/termination-alert.ts';
import { queues, type Queue } from '../../activities/acts/act-kind.ts';
import { readVariables, type Variables } from './variables.ts';

/** What the API and the worker are both told by the environment, whoever starts them. */
export interface RoleConfiguration {
  readonly databaseUrl: string;
  /** Seals the secrets that the database holds. */
  readonly secretKey: string;
  /** Connections to PostgreSQL at most. */
  readonly poolSize: number;
  readonly host: string;
  readonly logLevel: string;
  /** Whether a collector is named to which spans go. */
  readonly tracing: boolean;
  /** Its name in traces; undefined: after its role. */
  readonly serviceName: string | undefined;
  readonly temporal: TemporalConfiguration;
  /** Temporal is the dev server that `npm start` runs, which is not for many subscriptions. */
  readonly embeddedTemporal: boolean;
  readonly timing: BillingTiming;
  /** Where files are kept. */
  readonly files: FilesSetting;
  /** Where the API is reached from outside, without `/api/v1`. */
  readonly publicUrl: string;
  /** Networks of the operator's own to which webhooks may go. */
  readonly allowedNetworks: AllowedNetworks;
}

export interface ApiConfiguration extends RoleConfiguration {
  /** 0: any free one. */
  readonly port: number;
  readonly adminKey: string;
  /** Whether `/metrics` is there. */
  readonly metrics: boolean;
  readonly checkAnswers: boolean;
}

export interface WorkerConfiguration extends RoleConfiguration {
  /** The task queues that it serves. */
  readonly queues: readonly Queue[];
  /** Where it shows its metrics; undefined: nowhere. */
  readonly metricsPort: number | undefined;
  /** The file that `npm run bundle` wrote; undefined: bundled at the start. */
  readonly workflowBundle: string | undefined;
  /** null: no mail is sent. */
  readonly mail: MailServer | null;
  /** Objects of one part of an export. */
  readonly exportPartSize: number;
  /** How long an export waits for a store of files that fails. */
  readonly exportPatienceMs: number;
  /** Where VAT numbers are checked, and who asks. */
  readonly vies: ViesOptions;
}

const DATA_FOLDER = fileURLToPath(new URL('../../.data', import.meta.url));

const API_POOL_SIZE = 20;

/** Activities of each sort that a worker runs at once; each may hold a connection for its transaction. */
export const ACTIVITIES_AT_ONCE = {
  urgent: { normal: 4, local: 4 },
  billing: { normal: 4, local: 10 },
  /** Parts of exports: bounded, so that they never delay billing (S074). */
  exports: { normal: 4, local: 1 },
  bulk: { normal: 4, local: 4 },
  /** Lanes wait for others' servers most of the time; their few statements share connections of their own. */
  webhooks: { normal: 500, local: 4 },
} as const satisfies Record<Queue, { readonly normal: number; readonly local: number }>;

/** The dispatcher, and the watch over Temporal's store. */
const CONNECTIONS_BESIDE_ACTIVITIES = 2;

/** Connections that the lanes of webhooks share. */
export const WEBHOOKS_POOL_SIZE = 6;

const DURABILL_SECRET_KEY = 'the key that seals stored secrets, at least 32 characters long';

const DATABASE_URL = 'a URL such as postgres://user:password@host:5432/database';

/** @throws Error with a sentence for each variable that is missing or whose value is not possible. */
export function readApiConfiguration(environment: NodeJS.ProcessEnv): ApiConfiguration {
  const data = readVariables(environment, {
    DATABASE_URL,
    DURABILL_SECRET_KEY,
    DURABILL_ADMIN_KEY: 'the key of /admin/*, at least 16 characters long',
  });
  return {
    ...commonOf(data, API_POOL_SIZE),
    port: Number(data.PORT ?? 3000),
    adminKey: data.DURABILL_ADMIN_KEY!,
    metrics: data.DURABILL_METRICS !== 'disabled',
    checkAnswers: data.DURABILL_CHECK_ANSWERS === 'true',
  };
}

/**
 * @throws Error with a sentence for each variable that is missing or whose value is not possible, and for a pool that
 * is smaller than the work: activities would wait for each other's connections until they are out of time (S107).
 */
export function readWorkerConfiguration(environment: NodeJS.ProcessEnv): WorkerConfiguration {
  const data = readVariables(environment, { DATABASE_URL, DURABILL_SECRET_KEY });
  const served: readonly Queue[] =
    data.DURABILL_QUEUES === undefined ? queues : queues.filter((queue) => isNamed(queue, data));
  const atOnce = served.reduce((sum, queue) => sum + slotsOf(queue), 0);
  const needed = atOnce + CONNECTIONS_BESIDE_ACTIVITIES;
  const common = commonOf(data, needed);
  if (common.poolSize < needed) {
    throw new Error(
      `DATABASE_POOL is "${common.poolSize}"; the worker does ${atOnce} activities at once and needs ` +
        `${CONNECTIONS_BESIDE_ACTIVITIES} connections beside them: it must be at least ${needed}.`,
    );
  }
  return {
    ...common,
    queues: served,
    metricsPort: data.DURABILL_METRICS_PORT === undefined ? undefined : Number(data.DURABILL_METRICS_PORT),
    workflowBundle: data.DURABILL_WORKFLOW_BUNDLE,
    mail: mailOf(data),
    exportPartSize: Number(data.DURABILL_EXPORT_PART_SIZE ?? PART_SIZE),
    exportPatienceMs: Number(data.DURABILL_EXPORT_PATIENCE_SECONDS ?? STORAGE_PATIENCE_MS / 1000) * 1000,
    vies: {
      url: data.VIES_URL ?? VIES_REST_API,
      requester: data.VIES_REQUESTER_NUMBER === undefined ? null : parseVatNumber(data.VIES_REQUESTER_NUMBER),
    },
  };
}

const isNamed = (queue: Queue, { DURABILL_QUEUES = '' }: Variables): boolean =>
  DURABILL_QUEUES.split(',').includes(queue);

const slotsOf = (queue: Queue): number =>
  queue === 'webhooks' ? 0 : ACTIVITIES_AT_ONCE[queue].normal + ACTIVITIES_AT_ONCE[queue].local;

function commonOf(data: Variables, poolSize: number): RoleConfiguration {
  return {
    databaseUrl: data.DATABASE_URL!,
    secretKey: data.DURABILL_SECRET_KEY!,
    poolSize: Number(data.DATABASE_POOL ?? poolSize),
    host: data.HOST ?? '127.0.0.1',
    logLevel: data.LOG_LEVEL ?? 'info',
    tracing:
      data.OTEL_SDK_DISABLED !== 'true' &&
      (data.OTEL_EXPORTER_OTLP_ENDPOINT ?? data.OTEL_EXPORTER_OTLP_TRACES_ENDPOINT) !== undefined,
    serviceName: data.OTEL_SERVICE_NAME,
    temporal: temporalConfiguration({
      uiUrl: data.TEMPORAL_UI_URL ?? null,
      queuePrefix: data.DURABILL_TASK_QUEUE_PREFIX ?? '',
      takeoverSeconds: Number(data.DURABILL_TAKEOVER_SECONDS ?? TAKEOVER_SECONDS),
    }),
    embeddedTemporal: data.DURABILL_EMBEDDED_TEMPORAL === 'true',
    timing: timingOf(data),
    files: { address: data.DURABILL_FILES ?? folderOf(data), endpoint: data.DURABILL_S3_ENDPOINT },
    publicUrl: publicUrlOf(data),
    allowedNetworks: readAllowedNetworks(data.DURABILL_ALLOW_PRIVATE_WEBHOOKS),
  };
}

/**
 * Spec, subscriptions-and-invoices 2.12: of the days of the alerts, the reference's name of the variable is understood
 * too.
 */
function timingOf(data: Variables): BillingTiming {
  const days = data.DURABILL_TERMINATION_ALERT_DAYS ?? data.LAGO_SUBSCRIPTION_TERMINATION_ALERT_SENT_AT_DAYS;
  return {
    delaySeconds: Number(data.DURABILL_BILLING_DELAY_SECONDS ?? 300),
    spreadSeconds: Number(data.DURABILL_BILLING_SPREAD_SECONDS ?? 0),
    alertDays: days === undefined ? DEFAULT_ALERT_DAYS : days.split(',').map(Number),
  };
}

/** @throws Error when one of both is set alone: mail needs a server and a sender. */
function mailOf({ DURABILL_SMTP_URL: smtpUrl, DURABILL_MAIL_FROM: from }: Variables): MailServer | null {
  if (smtpUrl === undefined && from === undefined) return null;
  if (smtpUrl === undefined || from === undefined) {
    throw new Error('DURABILL_SMTP_URL and DURABILL_MAIL_FROM must be set both, or none of them.');
  }
  return { url: smtpUrl, from };
}

/** By default a folder beside what `npm start` keeps. */
const folderOf = ({ DURABILL_DATA_DIR }: Variables): string =>
  pathToFileURL(resolve(DURABILL_DATA_DIR ?? DATA_FOLDER, 'files')).href;

/** By default the address at which the API listens. */
function publicUrlOf({ DURABILL_PUBLIC_URL, HOST = '127.0.0.1', PORT = '3000' }: Variables): string {
  return DURABILL_PUBLIC_URL?.replace(/\/+$/, '') ?? `http://${HOST}:${PORT}`;
}
