import type { WantedAct } from '../../db/acts/act.ts';
import { AWAITED } from '../../workflows/awaited.ts';
import { actOf, type WaitingActArgument, type ActKind } from '../acts/act-kind.ts';
import type { DraftOwner } from './draft-owner.ts';

/** The end of a draft's grace period. After everything else of its moment: it then sees what that has changed. */
export const finalizeKind = {
  name: 'finalize',
  workflow: 'finalize',
  queue: 'billing',
  reuse: 'ALLOW_DUPLICATE_FAILED_ONLY',
  priority: 3,
  rank: 70,
  whenFailed: 'draft',
  waitsFor: () => AWAITED.endOfGracePeriod,
} as const satisfies ActKind;

export const finalizeId = (invoiceId: string): string => `finalize/${invoiceId}`;

export interface FinalizeArgument extends WaitingActArgument {
  readonly invoiceId: string;
  /** null: a person has asked for it, at once. */
  readonly dueAt: string | null;
}

/** A draft becomes final at the start of this day, in UTC (spec, subscriptions-and-invoices 6.6, 12). */
export const finalizationMoment = (expectedFinalizationDate: string): Date =>
  new Date(`${expectedFinalizationDate}T00:00:00.000Z`);

/**
 * Drafts of a deleted customer become final so long after, when its last invoices are complete (spec,
 * subscriptions-and-invoices 11.2).
 */
const AFTER_DELETION_MS = 5 * 60_000;

/** When the drafts of a customer who was deleted at this moment become final at the latest. */
export const finalizationAfterDeletion = (deletedAt: Date): Date => new Date(deletedAt.getTime() + AFTER_DELETION_MS);

/** The act that makes a draft final when its grace period is over. */
export function finalizeAct(
  draft: DraftOwner & {
    readonly hasTestClock: boolean;
    /** `YYYY-MM-DD`. */
    readonly expectedFinalizationDate: string;
    /** null: the customer is there. */
    readonly customerDeletedAt: Date | null;
  },
): WantedAct {
  const { organizationId, customerId, invoiceId, hasTestClock, expectedFinalizationDate, customerDeletedAt } = draft;
  const expected = finalizationMoment(expectedFinalizationDate);
  const latest = customerDeletedAt === null ? expected : finalizationAfterDeletion(customerDeletedAt);
  const dueAt = latest < expected ? latest : expected;
  return actOf(finalizeKind, {
    id: finalizeId(invoiceId),
    organizationId,
    customerId,
    invoiceId,
    argument: { invoiceId, frozen: hasTestClock },
    dueAt,
    summary: `Finalize invoice ${invoiceId} on ${expectedFinalizationDate}`,
  });
}
