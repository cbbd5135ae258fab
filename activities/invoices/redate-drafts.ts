import type { EntityManager } from '@mikro-orm/postgresql';
import { draftDates, hasDates } from '../../billing/invoices/draft-dates.ts';
import { dateSettings } from '../../billing/invoices/invoice-dates.ts';
import { dueFinalizations, moveDrafts } from '../../db/acts/draft-moments.ts';
import { wakeActs } from '../../db/acts/wake-acts.ts';
import { draftsToDate, type DraftSelection } from '../../db/queries/invoices/drafts-to-date.ts';
import { finalizationMoment } from './finalize-act.ts';

/** Drafts that are moved in one transaction. */
const PAGE = 1000;

export interface RedatedDrafts {
  /** The last one of the page; null: that was all. */
  readonly last: string | null;
  /** Those that have moved. */
  readonly moved: readonly string[];
  /** Those of them that become final on another day. */
  readonly rescheduled: readonly string[];
}

/**
 * Moves drafts, and the moments at which they become final, to where the settings of now put them; those that are there
 * already stay untouched, so it may run any number of times (spec, subscriptions-and-invoices 6.6; S048 to S050). Three
 * statements, however many drafts. The settings are those of the customer, else of the issuer, as they are in the
 * database.
 *
 * @param now the organization's clock, the time of the change.
 */
export async function redateDrafts(
  em: EntityManager,
  organizationId: string,
  selection: DraftSelection,
  now: Date,
): Promise<RedatedDrafts> {
  const rows = await draftsToDate(em, organizationId, selection, PAGE);
  const moved = rows.flatMap(({ id, draft, own, entity }) => {
    const dates = draftDates(draft, dateSettings(own, entity));
    const isRescheduled = !draft.expectedFinalizationDate.equals(dates.expectedFinalizationDate);
    return hasDates(draft, dates) ? [] : [{ id, dates, isRescheduled }];
  });
  if (moved.length > 0) {
    const drafts = moved.map(({ id, dates }) => ({
      id,
      dates,
      dueAt: finalizationMoment(dates.expectedFinalizationDate.toString()),
    }));
    await moveDrafts(em, organizationId, drafts, now);
  }
  return {
    last: rows.length === PAGE ? rows.at(-1)!.id : null,
    moved: moved.map(({ id }) => id),
    rescheduled: moved.filter(({ isRescheduled }) => isRescheduled).map(({ id }) => id),
  };
}

/**
 * Has those of some drafts made final that are due by now, in the background (spec, subscriptions-and-invoices 6.6):
 * under a test clock too, which else wakes them at its next move.
 *
 * @param now the organization's clock.
 */
export async function wakeDueDrafts(
  em: EntityManager,
  organizationId: string,
  invoiceIds: readonly string[],
  now: Date,
): Promise<void> {
  if (invoiceIds.length === 0) return;
  await wakeActs(em, await dueFinalizations(em, organizationId, invoiceIds, now));
}
