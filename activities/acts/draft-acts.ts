import type { WantedAct } from '../../db/acts/acts.ts';
import { finalizeId, flagDraftsId, refreshId, settingsId } from '../../workflows/ids.ts';
import { actOf } from './wanted-acts.ts';

export interface FinalizeArgument {
  readonly [key: string]: unknown;
  readonly actId: string;
  readonly organizationId: string;
  readonly invoiceId: string;
  readonly frozen: boolean;
  /** null: a person has asked for it, at once. */
  readonly dueAt: string | null;
}

/** A draft becomes final at the start of this day, in UTC (spec, subscriptions-and-invoices 6.6, 12). */
export const finalizationMoment = (expectedFinalizationDate: string): Date =>
  new Date(`${expectedFinalizationDate}T00:00:00.000Z`);

/** Drafts of a deleted customer become final so long after, when its last invoices are complete (spec, subscriptions-and-invoices 11.2). */
const AFTER_DELETION_MS = 5 * 60_000;

/** When the drafts of a customer who was deleted at this moment become final at the latest. */
export const finalizationAfterDeletion = (deletedAt: Date): Date => new Date(deletedAt.getTime() + AFTER_DELETION_MS);

interface DraftOwner {
  readonly organizationId: string;
  readonly customerId: string;
  readonly invoiceId: string;
}

/** The act that makes a draft final when its grace period is over. */
export function finalizeAct(
  draft: DraftOwner & {
    readonly frozen: boolean;
    /** `YYYY-MM-DD`. */
    readonly expectedFinalizationDate: string;
    /** null: the customer is there. */
    readonly customerDeletedAt: Date | null;
  },
): WantedAct {
  const { organizationId, customerId, invoiceId, frozen, expectedFinalizationDate, customerDeletedAt } = draft;
  const id = finalizeId(invoiceId);
  const expected = finalizationMoment(expectedFinalizationDate);
  const latest = customerDeletedAt === null ? expected : finalizationAfterDeletion(customerDeletedAt);
  const dueAt = latest < expected ? latest : expected;
  const argument: FinalizeArgument = { actId: id, organizationId, invoiceId, frozen, dueAt: dueAt.toISOString() };
  return actOf('finalize', {
    id,
    organizationId,
    customerId,
    invoiceId,
    argument,
    dueAt,
    summary: `Finalize invoice ${invoiceId} on ${expectedFinalizationDate}`,
  });
}

export interface RefreshArgument {
  readonly [key: string]: unknown;
  readonly actId: string;
  readonly organizationId: string;
  readonly invoiceId: string;
}

/** The act that makes a flagged draft anew; a draft has one at most that is not done. */
export function refreshAct({ organizationId, customerId, invoiceId }: DraftOwner): WantedAct {
  const id = refreshId(invoiceId);
  const argument: RefreshArgument = { actId: id, organizationId, invoiceId };
  return actOf('refresh', {
    id,
    organizationId,
    customerId,
    invoiceId,
    argument,
    summary: `Refresh draft invoice ${invoiceId}`,
  });
}

/** Whose settings have changed. */
export type SettingsOwner =
  | { readonly billingEntityId: string; readonly customerId?: undefined }
  | { readonly billingEntityId?: undefined; readonly customerId: string };

export type SettingsArgument = SettingsOwner & {
  readonly [key: string]: unknown;
  readonly actId: string;
  readonly organizationId: string;
  /** The last draft that has moved already; absent: none. */
  readonly after?: string;
};

/** Moves drafts to where the changed settings of their billing entity, or of their customer, put them. */
export function settingsAct(change: {
  readonly organizationId: string;
  readonly owner: SettingsOwner;
  readonly after: string;
  /** Tells the owner's changes apart: each has a run of its own. */
  readonly version: string;
}): WantedAct {
  const { organizationId, owner, after, version } = change;
  const { billingEntityId, customerId = null } = owner;
  const id = settingsId(billingEntityId ?? owner.customerId, version);
  const argument: SettingsArgument = { ...owner, actId: id, organizationId, after };
  return actOf('settings', {
    id,
    organizationId,
    customerId,
    argument,
    summary: `Move drafts of ${customerId === null ? `billing entity ${billingEntityId}` : `customer ${customerId}`} to its changed invoice settings`,
  });
}

/** What has changed, so that the drafts made from it are to be made anew. */
export type ChangedSource =
  | { readonly kind: 'plan'; readonly id: string }
  | { readonly kind: 'billable_metric'; readonly id: string };

export interface FlagDraftsArgument {
  readonly [key: string]: unknown;
  readonly actId: string;
  readonly organizationId: string;
  readonly changed: ChangedSource;
  /** The last draft that is flagged already; absent: none is, as in histories of a release that did not say. */
  readonly after?: string;
}

/** Flags the drafts of what has changed, from one draft on. */
export function flagDraftsAct(change: {
  readonly organizationId: string;
  readonly changed: ChangedSource;
  readonly after: string;
  /** Real time: tells two changes at one frozen moment apart. */
  readonly at: Date;
}): WantedAct {
  const { organizationId, changed, after, at } = change;
  const id = flagDraftsId(changed.id, at.toISOString());
  const argument: FlagDraftsArgument = { actId: id, organizationId, changed, after };
  return actOf('flagDrafts', {
    id,
    organizationId,
    argument,
    summary: `Flag the drafts of ${changed.kind} ${changed.id} for a refresh`,
  });
}
