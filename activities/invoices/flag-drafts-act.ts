import type { WantedAct } from '../../db/acts/act.ts';
import { actOf, type ActArgument, type ActKind } from '../acts/act-kind.ts';

/** Flags the many drafts of what has changed, each of which wants its own refresh. */
export const flagDraftsKind = {
  name: 'flagDrafts',
  workflow: 'flagDrafts',
  queue: 'urgent',
  reuse: 'ALLOW_DUPLICATE_FAILED_ONLY',
  priority: 2,
  rank: 10,
  whenFailed: 'nothing',
} as const satisfies ActKind;

/** What has changed, so that the drafts made from it are to be made anew. */
export interface ChangedSource {
  /** Of a billing entity and a customer, the taxes; of a tax, what it says. */
  readonly kind: 'plan' | 'billable_metric' | 'tax' | 'customer' | 'billing_entity';
  readonly id: string;
}

export interface FlagDraftsArgument extends ActArgument {
  readonly changed: ChangedSource;
  /** The last draft that is flagged already; absent: none is, as in histories of a release that did not say. */
  readonly after?: string;
}

/** Flags the drafts of what has changed, from one draft on. */
export function flagDraftsAct(change: {
  readonly organizationId: string;
  readonly changed: ChangedSource;
  readonly after: string;
  /** Real time: each change has a run of its own, also two at one moment of a test clock. */
  readonly at: Date;
}): WantedAct {
  const { organizationId, changed, after, at } = change;
  return actOf(flagDraftsKind, {
    id: `flag-drafts/${changed.id}/${at.toISOString()}`,
    organizationId,
    argument: { changed, after },
    summary: `Flag the drafts of ${changed.kind} ${changed.id} for a refresh`,
  });
}
