import type { MikroORM } from '@mikro-orm/postgresql';
import { MockActivityEnvironment } from '@temporalio/testing';
import type { ActivityDependencies } from '../../activities/dependencies.ts';
import type { ExportBegun } from '../../activities/data-exports/begin-export.ts';
import type { ExportArgument } from '../../activities/data-exports/export-act.ts';
import type { FlagDraftsArgument } from '../../activities/invoices/flag-drafts-act.ts';
import type { ViesArgument } from '../../activities/taxes/vies-act.ts';
import { readAllowedNetworks } from '../../activities/webhooks/allowed-networks.ts';
import { makePostWebhook } from '../../activities/webhooks/post-webhook.ts';
import { makeWebhookKeys } from '../../activities/webhooks/webhook-keys.ts';
import { makeActivities, type Activities } from '../../activities/index.ts';
import { sql } from '../../db/sql.ts';
import { activityDependencies } from './activity-dependencies.ts';

/** Acts that one call does at most: more of them go round in a circle. */
const LIMIT = 10_000;

/**
 * Does an organization's acts one after the other, in the test's process and without Temporal: what their workflows
 * would do.
 */
export interface ActsByHand {
  /** Moves the clock to a moment and does everything that is due there, oldest first. */
  readonly run: (now: string) => Promise<void>;
  /** From due moment to due moment up to the target, the clock standing at each of them. */
  readonly advance: (to: string) => Promise<void>;
}

interface DueAct {
  readonly id: string;
  readonly kind: string;
  readonly argument: never;
  readonly dueAt: string | null;
}

/** Which activity does the acts of a kind. */
const DOES: Readonly<Record<string, (activities: Activities, argument: never) => Promise<unknown>>> = {
  period: (activities, argument) => activities.billPeriod(argument),
  start: (activities, argument) => activities.billBoundary(argument),
  end: (activities, argument) => activities.billBoundary(argument),
  deleteCustomer: (activities, argument) => activities.deleteCustomer(argument),
  deletePlan: (activities, argument) => activities.deletePlan(argument),
  expireCoupon: (activities, argument) => activities.expireCoupon(argument),
  activate: (activities, argument) => activities.activateSubscription(argument),
  refresh: (activities, argument) => activities.refreshInvoice(argument),
  finalize: (activities, argument) => activities.finalizeInvoice(argument),
  settings: (activities, argument) => allPages('', (after) => activities.settingsPage(argument, after)),
  flagDrafts: (activities, argument: FlagDraftsArgument) =>
    allPages(argument.after ?? '', (after) => activities.flagDraftsPage(argument, after)),
  export: makeExport,
  mail: (activities, argument) => activities.sendMail(argument),
  vies: untilItWaits,
  instantCharge: (activities, argument) => activities.priceInstantCharge(argument),
  taxInvoice: (activities, argument) => activities.taxWaitingInvoice(argument),
};

/** Its wait is a moment of its own; it waits for nobody. */
async function untilItWaits(activities: Activities, argument: ViesArgument): Promise<void> {
  const { organizationId } = argument;
  const environment = new MockActivityEnvironment();
  for (;;) {
    const step = await activities.advanceViesCheck(argument);
    if (step.outcome !== 'ask') return;
    const { checkId, version } = step;
    await environment.run(() => activities.askAboutCheck({ organizationId, checkId, version }));
  }
}

/** As its workflow does, up to the wait for its end. */
async function makeExport(activities: Activities, argument: ExportArgument): Promise<unknown> {
  const environment = new MockActivityEnvironment();
  const begun = (await environment.run(() => activities.beginExport(argument))) as ExportBegun;
  if (begun.outcome === 'parts') {
    if (begun.parts > 0)
      await environment.run(() => activities.exportParts({ ...argument, first: 0, last: begun.parts - 1 }));
    await environment.run(() => activities.assembleExport(argument));
  }
  return environment.run(() => activities.clearExport(argument));
}

/** For others, or for a tax provider, whom the test asks itself. */
const isWaiting = (done: unknown): boolean =>
  typeof done === 'object' &&
  done !== null &&
  'outcome' in done &&
  (done.outcome === 'waiting' || done.outcome === 'ask');

/** Activities that heartbeat want to be in one. */
async function allPages(first: string, page: (after: string) => Promise<string | null>): Promise<void> {
  const environment = new MockActivityEnvironment();
  for (let after: string | null = first; after !== null;) after = await environment.run(() => page(after!));
}

export function actsByHand(
  orm: MikroORM,
  organizationId: string,
  overrides: Partial<ActivityDependencies> = {},
): ActsByHand {
  let now = new Date(0);
  const dependencies = activityDependencies(orm, () => now, overrides);
  // Lanes of webhooks are not played by hand.
  const activities = makeActivities(dependencies, {
    post: makePostWebhook({ allowed: readAllowedNetworks('false') }),
    keys: makeWebhookKeys(orm, 'the secret key of the tests'),
    issuer: 'https://billing.test',
    random: () => 0,
  });
  const setClock = async (to: string): Promise<void> => {
    now = new Date(to);
    await sql(orm.em.fork(), 'update organizations set clock_now = $2 where id = $1', [organizationId, to]);
  };
  const nextDue = async (until: string, passedOver: readonly string[]): Promise<DueAct | undefined> => {
    const [act] = await sql<DueAct>(
      orm.em.fork(),
      `select id, kind, argument, to_char(due_at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"') as "dueAt" from acts
       where organization_id = $1 and state in ('wanted', 'waiting', 'working') and (due_at is null or due_at <= $2)
         and kind = any($3::text[]) and id <> all($4::text[])
       order by due_at nulls first, rank, id limit 1`,
      [organizationId, until, Object.keys(DOES), passedOver],
    );
    return act;
  };
  const doAll = async (until: string, moveTo: (due: string) => Promise<void>): Promise<void> => {
    // Those that wait for what others have yet to do.
    let waiting: string[] = [];
    for (let left = LIMIT; left > 0; left--) {
      const act = await nextDue(until, waiting);
      if (!act) return;
      if (act.dueAt !== null) await moveTo(act.dueAt);
      const done = await DOES[act.kind]!(activities, act.argument);
      waiting = isWaiting(done) ? [...waiting, act.id] : [];
    }
    throw new Error(`more than ${LIMIT} acts`);
  };
  return {
    run: async (to) => {
      await setClock(to);
      await doAll(to, () => Promise.resolve());
    },
    advance: async (to) => {
      await doAll(to, setClock);
      await setClock(to);
    },
  };
}
