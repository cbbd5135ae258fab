import { createHash } from 'node:crypto';
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import type { MikroORM } from '@mikro-orm/postgresql';
import { copyRows } from '../../db/copy-rows.ts';
import { EXPORTED_RESOURCES } from '../../db/queries/data-exports/exported-resources.ts';
import { sql } from '../../db/sql.ts';
import { cpuSince, type Cpu } from '../installation/cpu.ts';
import { startInstallation, type Installation } from '../installation/installation.ts';
import type { Switches } from '../installation/switches.ts';
import { until } from '../until.ts';
import { apiClient, type ApiClient } from './clients.ts';
import { percentile } from './percentile.ts';
import { delaysOf } from './promptness.ts';
import type { Sizes } from './sizes.ts';

export interface Exporting {
  readonly rows: number;
  readonly bytes: number;
  /** From the request to the completed export. */
  readonly seconds: number;
  readonly copySeconds: number;
  readonly cpu: Cpu;
  /** Megabytes that each role had in memory at most, beyond those that it had before. */
  readonly grownMb: Readonly<Record<string, number>>;
  readonly p99AloneMs: number;
  readonly p99BesideMs: number;
}

const FEES_AN_INVOICE = 10;
const LOOK_EVERY_MS = 100;
const LIMIT_MS = 1_800_000;

/** An export of many fees beside one COPY of the same columns; then billing beside such exports. */
export async function measureExporting(
  { fees, rounds }: Pick<Sizes, 'fees' | 'rounds'>,
  switches: Switches,
  progress: (text: string) => void,
): Promise<Exporting> {
  const installation = await startInstallation(switches);
  try {
    const { orm } = installation;
    const worker = await installation.startWorker();
    const api = await installation.startApi();
    const client = await apiClient(api.url, installation);
    progress(`${fees} fees are being written`);
    await prepare(orm, client, fees);
    const alone = await delaysOf(orm, rounds, (text) => progress(`without an export: ${text}`));
    // What every role needs once is in memory before.
    const warm = await exported(client, { search_term: 'N-1' });
    await digestOf(client, warm);
    progress('the export');
    const watch = watchMemory(installation);
    const before = installation.cpu();
    const began = performance.now();
    const id = await exported(client, {});
    const seconds = (performance.now() - began) / 1000;
    const cpu = cpuSince(before, installation.cpu());
    const file = await digestOf(client, id);
    const grownMb = watch.grownMb();
    progress('one COPY of the same columns');
    const copy = await copied(orm, client.organizationId);
    if (file.digest !== copy.digest) {
      throw new Error(`The file has ${file.bytes} bytes, the COPY ${copy.bytes}, and they are not the same.`);
    }
    const beside = await besideExports(client, () =>
      delaysOf(orm, rounds, (text) => progress(`during exports: ${text}`)),
    );
    await until('only the files of exports are left', () => Promise.resolve(leftOver(installation).length === 0));
    await worker.stop();
    return {
      rows: copy.rows,
      bytes: copy.bytes,
      seconds,
      copySeconds: copy.seconds,
      cpu,
      grownMb,
      p99AloneMs: percentile([...alone], 0.99),
      p99BesideMs: percentile([...beside], 0.99),
    };
  } finally {
    await installation.stop();
  }
}

/** Final invoices of ten fees each, of a charge. */
async function prepare(orm: MikroORM, { organizationId, post }: ApiClient, fees: number): Promise<void> {
  await post('/api/v1/billable_metrics', {
    billable_metric: { name: 'Calls', code: 'calls', aggregation_type: 'count_agg' },
  });
  const [metric] = await sql<{ id: string }>(orm.em.fork(), 'select id from billable_metrics', []);
  await post('/api/v1/plans', {
    plan: {
      name: 'P',
      code: 'p',
      interval: 'monthly',
      amount_cents: 100,
      amount_currency: 'EUR',
      charges: [{ billable_metric_id: metric?.id, charge_model: 'standard', properties: { amount: '0.1' } }],
    },
  });
  await post('/api/v1/customers', { customer: { external_id: 'c', name: 'Customer, Ltd.' } });
  await post('/api/v1/subscriptions', {
    subscription: { external_customer_id: 'c', external_id: 's', plan_code: 'p' },
  });
  const run = (text: string, parameters: readonly unknown[] = []) => sql(orm.em.fork(), text, parameters);
  await run(
    `insert into invoices (id, organization_id, customer_id, billing_entity_id, invoice_type, status, payment_status,
       number, issuing_date, payment_due_date, expected_finalization_date, net_payment_term, currency, timezone,
       timezone_data_version, created_at, updated_at)
     select gen_random_uuid(), organization_id, id, billing_entity_id, 'subscription', 'finalized', 'pending',
       'N-' || i, date '2024-01-01' + i % 365, '2024-03-01', '2024-03-01', 0, 'EUR', 'Europe/Paris', 'x',
       timestamptz '2024-03-01' + make_interval(secs => i / 3), now()
     from customers, generate_series(1, $2::int) i where organization_id = $1`,
    [organizationId, Math.ceil(fees / FEES_AN_INVOICE)],
  );
  await run(
    `insert into fees (id, organization_id, billing_entity_id, customer_id, invoice_id, subscription_id, charge_id,
       fee_type, position, amount_cents, amount_currency, precise_amount_cents, units, unit_amount_cents,
       precise_unit_amount,
       grouped_by, from_datetime, to_datetime, created_at, updated_at)
     select gen_random_uuid(), invoice.organization_id, invoice.billing_entity_id, invoice.customer_id, invoice.id,
       subscription.id, charge.id, 'charge', place, place * 10, 'EUR', place * 10, place, 10, 0.1,
       jsonb_build_object('region', 'eu-' || place), '2024-01-31T23:00:00Z', '2024-02-29T22:59:59Z', now(), now()
     from invoices invoice
       join subscriptions subscription on subscription.organization_id = $1
       join charges charge on charge.organization_id = $1, generate_series(1, $2::int) place
     where invoice.organization_id = $1`,
    [organizationId, FEES_AN_INVOICE],
  );
  for (const table of ['invoices', 'fees']) await run(`vacuum analyze ${table}`);
}

/** Asks for an export and waits for its file. @returns its id. */
async function exported({ ask }: ApiClient, filters: object): Promise<string> {
  const answer = await ask('POST', '/api/v1/data_exports', { data_export: { resource_type: 'invoice_fees', filters } });
  const { data_export: made } = (await answer.json()) as { data_export: { lago_id: string } };
  await until(
    'the export is completed',
    async () => {
      const shown = await ask('GET', `/api/v1/data_exports/${made.lago_id}`);
      const { data_export: now } = (await shown.json()) as { data_export: { status: string; error: string | null } };
      if (now.status === 'failed') throw new Error(`The export failed: ${now.error}`);
      return now.status === 'completed';
    },
    { everyMs: LOOK_EVERY_MS, limitMs: LIMIT_MS },
  );
  return made.lago_id;
}

interface Digest {
  readonly digest: string;
  readonly bytes: number;
}

async function digestOf({ ask }: ApiClient, id: string): Promise<Digest> {
  const { body } = await ask('GET', `/api/v1/data_exports/${id}/download`);
  const hash = createHash('sha256');
  let bytes = 0;
  for await (const chunk of body as unknown as AsyncIterable<Uint8Array>) {
    hash.update(chunk);
    bytes += chunk.length;
  }
  return { digest: hash.digest('hex'), bytes };
}

/** Every fee in one statement, in the order of the list, with the line of names. */
async function copied(orm: MikroORM, organizationId: string): Promise<Digest & { rows: number; seconds: number }> {
  const { columns, source } = EXPORTED_RESOURCES.invoice_fees;
  const cells = columns.map(({ name, cell }) => `${cell} as ${name}`).join(', ');
  const statement = `copy (
    select ${cells} from (select '${organizationId}'::uuid as organization_id) part
      join invoices listed on listed.organization_id = part.organization_id ${source}
    order by listed.issuing_date desc, listed.created_at desc, listed.id, fee.id) to stdout with (format csv, header)`;
  const hash = createHash('sha256');
  let [rows, bytes] = [0, 0];
  const began = performance.now();
  await copyRows(orm.em.fork(), statement, (row) => {
    rows += 1;
    bytes += row.length;
    hash.update(row);
    return undefined;
  });
  return { digest: hash.digest('hex'), bytes, rows: rows - 1, seconds: (performance.now() - began) / 1000 };
}

function watchMemory({ memoryMb }: Installation): { grownMb: () => Record<string, number> } {
  const before = memoryMb();
  const most: Record<string, number> = { ...before };
  const timer = setInterval(() => {
    for (const [role, megabytes] of Object.entries(memoryMb())) most[role] = Math.max(most[role] ?? 0, megabytes);
  }, LOOK_EVERY_MS);
  return {
    grownMb: () => {
      clearInterval(timer);
      return Object.fromEntries(Object.entries(most).map(([role, megabytes]) => [role, megabytes - before[role]!]));
    },
  };
}

/** Does some work while one export follows the other. */
async function besideExports<Result>(client: ApiClient, work: () => Promise<Result>): Promise<Result> {
  const ended = new AbortController();
  const exporting = (async () => {
    while (!ended.signal.aborted) await exported(client, {});
  })();
  try {
    return await Promise.race([work(), exporting.then(() => Promise.reject(new Error('No export runs.')))]);
  } finally {
    ended.abort();
    await exporting;
  }
}

/** What is neither an export's finished file nor what says which store this is. */
const leftOver = ({ files }: Installation): readonly string[] =>
  readdirSync(join(files, 'data_exports')).filter((name) => !/^[0-9a-f-]{36}\.csv$/.test(name));
