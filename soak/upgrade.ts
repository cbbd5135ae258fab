import { spawnSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { chmodSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Client } from 'pg';
import { startEmbeddedPostgres } from '../scripts/up/embedded-postgres.ts';
import { startEmbeddedTemporal } from '../scripts/up/embedded-temporal.ts';
import { releaseRecords } from '../scripts/release/records.ts';
import { until } from '../bench/until.ts';
import { checkOutRelease } from './checkout.ts';
import { sendUsage, type UsedSubscription } from './live-usage.ts';
import { replayOldHistories } from './old-histories.ts';
import { migrateWith, startVersion, type VersionAtWork } from './version-at-work.ts';

const REPOSITORY = fileURLToPath(new URL('..', import.meta.url));

/** Of the periods, how many are months of subscriptions under a test clock; the others are live. */
const CLOCKED_SHARE = 0.2;
const MONTHS = 4;
/** What a week costs without usage; a unit costs 1.00. */
const BASE_CENTS = 700;
/** When the first live period falls due, after the start: all must wait for their timers by then. */
const firstDueSeconds = (periods: number): number => 90 + Math.ceil(periods / 3);
/** For how long others do, one after the other. */
const SPREAD_SECONDS = 180;
const DAY_SECONDS = 86_400;
/** How long before midnight the subscriptions are made, by the clock of who makes them. */
const EVENING_MS = 600_000;
const CLIENTS = 8;

const say = (text: string): void => console.log(`  ${text}`);

/**
 * The last release works, is upgraded and is stopped, while periods fall due, a test clock runs and usage comes in:
 * the new version's migrations run under the old one, then both work side by side, then the new one alone. In the end
 * every period has been billed once, over the usage that was acknowledged; every history of the old version replays
 * on the new one; and the audit finds nothing.
 *
 * @throws Error that says what did not hold.
 */
export async function upgrade({ periods }: { readonly periods: number }): Promise<void> {
  const release = releaseRecords(REPOSITORY).at(-1);
  if (!release) throw new Error('There is no release to upgrade from: releases/ names none.');
  const clocked = Math.round((periods * CLOCKED_SHARE) / MONTHS);
  const live = periods - clocked * MONTHS;
  console.log(`Upgrading ${release.version} (${release.commit.slice(0, 7)}) to this version under ${periods} periods`);
  const folder = mkdtempSync(join(tmpdir(), 'durabill-soak-'));
  // As root PostgreSQL runs as a user of its own, who has to get in.
  chmodSync(folder, 0o755);
  const old = join(folder, 'release');
  const stops: (() => Promise<unknown>)[] = [];
  try {
    checkOutRelease(REPOSITORY, release, old);
    const postgres = await startEmbeddedPostgres({ dataDirectory: join(folder, 'postgres') });
    stops.push(() => postgres.stop());
    const temporal = await startEmbeddedTemporal({ dataDirectory: join(folder, 'temporal') });
    stops.push(() => temporal.stop());
    const database = new Client({ connectionString: postgres.databaseUrl });
    await database.connect();
    stops.push(() => database.end());
    const figure = async (sql: string, parameters: readonly unknown[] = []): Promise<number> =>
      Number((await database.query<{ figure: string }>(`select (${sql}) as figure`, [...parameters])).rows[0]?.figure);
    const adminKey = randomBytes(24).toString('hex');
    const midnight = startOfDay(Date.now());
    const environment = environmentOf({
      DURABILL_BILLING_DELAY_SECONDS: String(delayFrom(midnight, firstDueSeconds(periods))),
      DATABASE_URL: postgres.databaseUrl,
      TEMPORAL_ADDRESS: temporal.address,
      TEMPORAL_NAMESPACE: temporal.namespace,
      DURABILL_ADMIN_KEY: adminKey,
    });

    migrateWith(old, environment);
    // Subscriptions of yesterday, whose week ended at midnight: nothing that begins today ends before tomorrow.
    const earlierMs = Date.now() - midnight.getTime() + EVENING_MS;
    const yesterday = await startVersion('old', old, environment, folder, earlierMs);
    let tenants: Tenants;
    try {
      tenants = await setUp(yesterday.url, adminKey, { live, clocked, midnight, database });
    } finally {
      await yesterday.stop();
    }
    const oldVersion = await startVersion('old', old, environment, folder);
    const atWork = new Map<string, VersionAtWork>([['old', oldVersion]]);
    stops.push(() => Promise.all([...atWork.values()].map((version) => version.stop())));
    await until('every live period waits for its timer', async () => {
      const waiting = `select count(*) from acts where kind = 'period' and state = 'waiting'`;
      return (await figure(`${waiting} and organization_id = $1`, [tenants.liveOrganization])) === live;
    });
    if (Date.now() > Math.min(...tenants.subscriptions.map(({ dueAt }) => dueAt))) {
      throw new Error('The first period fell due before all of them waited: the machine is too slow for so many.');
    }
    say(`${live} live periods wait for their timers and ${clocked} subscriptions for a test clock, on the old version`);
    const usage = sendUsage(
      tenants.subscriptions,
      tenants.liveKey,
      () => new Map([...atWork].map(([name, { url }]) => [name, url])),
    );
    const invoiced = () =>
      figure(`select count(*) from invoices where organization_id = $1`, [tenants.liveOrganization]);
    const billed = async (share: number): Promise<number> =>
      until(`${share * 100} % of the live periods have been billed`, async () => {
        const count = await invoiced();
        return count >= live * share && count;
      });

    const byOld = await billed(0.2);
    const migrated = performance.now();
    migrateWith(REPOSITORY, environment);
    say(`migrated under work in ${((performance.now() - migrated) / 1000).toFixed(1)} s, after ${byOld} invoices`);
    const besideSince = new Date();
    const newVersion = await startVersion('new', REPOSITORY, environment, folder);
    atWork.set('new', newVersion);
    const beforeBoth = await invoiced();
    await tenants.advance(newVersion.url);
    const byBoth = (await billed(0.6)) - beforeBoth;
    atWork.delete('old');
    await oldVersion.stop();
    const beforeNew = await invoiced();
    say(`both versions worked side by side for ${byBoth} invoices; the old one has ended cleanly`);
    await billed(1);
    say(`the new one alone made the last ${live - beforeNew}`);
    await usage.stop();
    await tenants.settled(newVersion.url);
    await until('no act is left over', async () => {
      return (await figure(`select count(*) from acts where state in ('wanted', 'working')`)) === 0;
    });
    atWork.delete('new');
    await newVersion.stop();

    await assertBilledOnce(database, tenants, { live, clocked });
    const events = tenants.subscriptions.reduce((sum, { sent }) => sum + sent, 0);
    const shares = [...usage.answered].map(([name, count]) => `${count} by the ${name} one`).join(', ');
    say(`${periods} periods billed once, over ${events} events (taken: ${shares})`);
    const replayed = await replayOldHistories(temporal, besideSince);
    say(`${replayed} histories of the old version replay on the new one`);
    audit(environment);
    say('the audit finds nothing');
    for (const [what, count] of [
      ['invoices', byOld],
      ['invoices by both', byBoth],
      ['invoices by the new one', live - beforeNew],
      ['events', usage.answered.get('new') ?? 0],
      ['old histories', replayed],
    ] as const) {
      if (count === 0) throw new Error(`No ${what}: the load did not meet every phase of the upgrade.`);
    }
    console.log('✓ Nothing was lost and nothing was doubled');
  } finally {
    for (const stop of stops.toReversed()) await stop().catch((error: unknown) => console.error(error));
    rmSync(folder, { recursive: true, force: true });
  }
}

const startOfDay = (at: number): Date => new Date(at - (at % (DAY_SECONDS * 1000)));

/**
 * A week has ended at this midnight (UTC). How long afterwards it is billed is the delay, which is meant for late
 * events: so periods fall due by their own timers some moments from now, whatever the time of day.
 */
function delayFrom(midnight: Date, seconds: number): number {
  const delay = Math.round((Date.now() - midnight.getTime()) / 1000) + seconds;
  if (delay > DAY_SECONDS) throw new Error('It is nearly midnight (UTC): begin when it is past.');
  return delay;
}

/** Both versions' variables; nothing that a developer has set for a durabill of their own. */
const environmentOf = (own: Readonly<Record<string, string>>): NodeJS.ProcessEnv => ({
  PATH: process.env['PATH'],
  HOME: process.env['HOME'],
  DURABILL_SECRET_KEY: randomBytes(32).toString('hex'),
  DURABILL_BILLING_SPREAD_SECONDS: String(SPREAD_SECONDS),
  LOG_LEVEL: 'warn',
  HOST: '127.0.0.1',
  PORT: '0',
  ...own,
});

interface Tenants {
  readonly liveOrganization: string;
  readonly liveKey: string;
  readonly subscriptions: readonly UsedSubscription[];
  readonly clockedOrganization: string;
  /** Starts moving the test clock by four months. */
  readonly advance: (url: string) => Promise<void>;
  /** Waits until it stands still. */
  readonly settled: (url: string) => Promise<void>;
}

async function setUp(
  url: string,
  adminKey: string,
  {
    live,
    clocked,
    midnight,
    database,
  }: { readonly live: number; readonly clocked: number; readonly midnight: Date; readonly database: Client },
): Promise<Tenants> {
  const organization = async (name: string, isTest: boolean) => {
    const body = { organization: { name, test_mode: isTest } };
    const { organization: made } = await ask<{ organization: { lago_id: string; api_key: string } }>(
      'POST',
      `${url}/admin/organizations`,
      adminKey,
      body,
    );
    return { id: made.lago_id, key: made.api_key };
  };
  const liveOne = await organization('Live', false);
  const clockedOne = await organization('Clocked', true);
  const metrics = `${url}/api/v1/billable_metrics`;
  const { billable_metric: metric } = await ask<{ billable_metric: { lago_id: string } }>(
    'POST',
    metrics,
    liveOne.key,
    {
      billable_metric: { name: 'Calls', code: 'calls', aggregation_type: 'sum_agg', field_name: 'units' },
    },
  );
  await ask('POST', `${url}/api/v1/plans`, liveOne.key, {
    plan: {
      ...{ name: 'Used', code: 'used', interval: 'weekly', amount_cents: BASE_CENTS, amount_currency: 'EUR' },
      pay_in_advance: false,
      charges: [{ billable_metric_id: metric.lago_id, charge_model: 'standard', properties: { amount: '1' } }],
    },
  });
  await ask('PUT', `${url}/api/v1/test_clock`, clockedOne.key, {
    test_clock: { frozen_time: '2023-01-01T00:00:00Z', mode: 'jump' },
  });
  await ask('POST', `${url}/api/v1/plans`, clockedOne.key, {
    plan: {
      ...{ name: 'Flat', code: 'flat', interval: 'monthly', amount_cents: 1000, amount_currency: 'EUR' },
      pay_in_advance: false,
    },
  });
  const subscribe = (key: string, subscription: Readonly<Record<string, string>>) =>
    ask('POST', `${url}/api/v1/subscriptions`, key, { subscription });
  const weekAgo = new Date(midnight.getTime() - 7 * DAY_SECONDS * 1000).toISOString();
  const requests = [
    ...Array.from({ length: live }, (_, place) => () => {
      const id = `live-${place}`;
      const ids = { external_id: id, external_customer_id: id, plan_code: 'used' };
      return subscribe(liveOne.key, { ...ids, billing_time: 'anniversary', subscription_at: weekAgo });
    }),
    ...Array.from({ length: clocked }, (_, place) => () => {
      const id = `clocked-${place}`;
      return subscribe(clockedOne.key, { external_id: id, external_customer_id: id, plan_code: 'flat' });
    }),
  ];
  await Promise.all(
    Array.from({ length: CLIENTS }, async () => {
      for (let next = requests.shift(); next; next = requests.shift()) await next();
    }),
  );
  const { rows: periods } = await database.query<{ id: string; due_at: Date }>(
    `select subscription.external_id as id, act.due_at from acts act
     join subscriptions subscription on subscription.id = act.subscription_id
     where act.organization_id = $1 and act.kind = 'period'`,
    [liveOne.id],
  );
  if (periods.length !== live) throw new Error(`${live} subscriptions have ${periods.length} periods.`);
  const usedAt = Math.floor(midnight.getTime() / 1000) - DAY_SECONDS;
  const subscriptions = periods.map(({ id, due_at: dueAt }) => ({
    externalId: id,
    dueAt: dueAt.getTime(),
    usedAt,
    sent: 0,
  }));
  const clockOf = (at: string) => `${at}/api/v1/test_clock`;
  return {
    liveOrganization: liveOne.id,
    liveKey: liveOne.key,
    subscriptions,
    clockedOrganization: clockedOne.id,
    advance: async (at) => {
      await ask('PUT', clockOf(at), clockedOne.key, {
        test_clock: { frozen_time: '2023-05-01T00:00:00Z', mode: 'advance' },
      });
    },
    settled: async (at) => {
      await until('the test clock stands still', async () => {
        const { test_clock: clock } = await ask<{ test_clock: { status: string } }>('GET', clockOf(at), clockedOne.key);
        return clock.status === 'ready';
      });
    },
  };
}

/** A request that must succeed. @returns its body. */
async function ask<Body = unknown>(method: string, url: string, key: string, body?: unknown): Promise<Body> {
  const response = await fetch(url, {
    method,
    headers: { Authorization: `Bearer ${key}`, 'Content-Type': 'application/json' },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  const text = await response.text();
  if (!response.ok) throw new Error(`${method} ${url}: ${response.status} ${text}`);
  return JSON.parse(text) as Body;
}

async function assertBilledOnce(
  database: Client,
  tenants: Tenants,
  { live, clocked }: { readonly live: number; readonly clocked: number },
): Promise<void> {
  const totalsOf = async (organization: string) =>
    (
      await database.query<{ subscription: string; totals: string[]; statuses: string[] }>(
        `select subscription.external_id as subscription, array_agg(invoice.total_amount_cents::text) as totals,
                array_agg(distinct invoice.status) as statuses
         from subscriptions subscription
         left join invoice_subscriptions line on line.subscription_id = subscription.id
         left join invoices invoice on invoice.id = line.invoice_id
         where subscription.organization_id = $1 group by 1`,
        [organization],
      )
    ).rows;
  const wrong: string[] = [];
  const expected = new Map(
    tenants.subscriptions.map(({ externalId, sent }) => [externalId, String(BASE_CENTS + sent * 100)]),
  );
  const ended = await totalsOf(tenants.liveOrganization);
  const moved = await totalsOf(tenants.clockedOrganization);
  if (ended.length !== live || moved.length !== clocked) throw new Error('Subscriptions are missing.');
  for (const { subscription, totals, statuses } of ended) {
    const right = expected.get(subscription);
    if (totals.join() !== right || statuses.join() !== 'finalized') {
      wrong.push(`${subscription}: ${totals.join()} ${statuses.join()} instead of ${right}`);
    }
  }
  for (const { subscription, totals, statuses } of moved) {
    if (totals.join() !== Array.from({ length: MONTHS }, () => '1000').join() || statuses.join() !== 'finalized') {
      wrong.push(`${subscription}: ${totals.join()} ${statuses.join()}`);
    }
  }
  const { rows: acts } = await database.query<{ id: string }>(`select id from acts where state = 'failed'`);
  wrong.push(...acts.map(({ id }) => `${id} has failed`));
  const { rows: claims } = await database.query<{ lines: string; claims: string }>(
    `select (select count(*) from invoice_subscriptions) as lines, (select count(*) from billing_claims) as claims`,
  );
  if (claims[0]?.lines !== claims[0]?.claims) wrong.push(`${claims[0]?.claims} claims for ${claims[0]?.lines} lines`);
  if (wrong.length > 0) throw new Error(`${wrong.length} are wrong:\n${wrong.slice(0, 10).join('\n')}`);
}

function audit(environment: NodeJS.ProcessEnv): void {
  const script = join(REPOSITORY, 'scripts', 'audit.ts');
  const { status, stdout, stderr } = spawnSync(process.execPath, [script, '--full'], {
    env: environment,
    encoding: 'utf8',
  });
  if (status !== 0) throw new Error(`The audit finds something:\n${stdout}${stderr}`);
}
