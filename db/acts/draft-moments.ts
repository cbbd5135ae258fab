import type { EntityManager } from '@mikro-orm/postgresql';
import type { DatedDraft } from '../../billing/invoices/draft-dates.ts';
import { instantOf, sql } from '../sql.ts';
import { sleepsBeyond, toldIf } from './move-earlier.ts';
import { enteringIf, inState } from './transitions.ts';

/*
 * The acts that make drafts final at the end of their grace period (docs/architecture/drafts.md). A draft and the
 * moment of its act move together.
 */

/** A draft with the dates that the settings of now give it. */
export interface RedatedDraft {
  readonly id: string;
  readonly dates: Omit<DatedDraft, 'recurring'>;
  /** When its act is due. */
  readonly dueAt: Date;
}

/**
 * Saves the dates of drafts and the moments of their acts, in one statement. What comes earlier is told to look again;
 * what comes later is found when the workflow wakes.
 *
 * @param now the organization's clock, the time of the change.
 */
export async function moveDrafts(
  em: EntityManager,
  organizationId: string,
  moved: readonly RedatedDraft[],
  now: Date,
): Promise<void> {
  await sql(
    em,
    `with moved as (
       select * from unnest($2::uuid[], $3::date[], $4::date[], $5::date[], $6::int[], $7::int[], $8::timestamptz[])
         as moved (id, issuing_date, payment_due_date, expected_finalization_date, net_payment_term,
                   applied_grace_period, due_at)),
     dated as (
       update invoices set issuing_date = moved.issuing_date, payment_due_date = moved.payment_due_date,
         expected_finalization_date = moved.expected_finalization_date, net_payment_term = moved.net_payment_term,
         applied_grace_period = moved.applied_grace_period, updated_at = $9
       from moved where invoices.id = moved.id)
     update acts set ${toldIf(sleepsBeyond('moved.due_at'))},
       due_at = moved.due_at, changed_at = clock_timestamp()
     from moved
     where acts.organization_id = $1 and acts.invoice_id = moved.id and acts.kind = 'finalize'
       and ${inState('moveEarlier')} and acts.due_at <> moved.due_at`,
    [
      organizationId,
      moved.map(({ id }) => id),
      moved.map(({ dates }) => dates.issuingDate.toString()),
      moved.map(({ dates }) => dates.paymentDueDate.toString()),
      moved.map(({ dates }) => dates.expectedFinalizationDate.toString()),
      moved.map(({ dates }) => dates.netPaymentTerm),
      moved.map(({ dates }) => dates.appliedGracePeriod),
      moved.map(({ dueAt }) => dueAt.toISOString()),
      now.toISOString(),
    ],
  );
}

/**
 * Has the act of a draft wait if its day is a later one.
 *
 * @param now the organization's clock.
 * @returns its moment; null: it has come, or the invoice is no draft any more.
 */
export async function waitForDay(
  em: EntityManager,
  { actId, invoiceId }: { readonly actId: string; readonly invoiceId: string },
  now: Date,
): Promise<Date | null> {
  const [act] = await sql<{ dueAt: string }>(
    em,
    `update acts set state = ${enteringIf(inState('waitLonger'), 'waitLonger')}, changed_at = clock_timestamp()
     where id = $1 and due_at > $2::timestamptz
       and exists (select from invoices where invoices.id = $3 and invoices.status = 'draft')
     returning due_at as "dueAt"`,
    [actId, now.toISOString(), invoiceId],
  );
  return act ? instantOf(act.dueAt) : null;
}

/**
 * The acts of these drafts that sleep or are not started yet, although they are due.
 *
 * @param now the organization's clock.
 */
export async function dueFinalizations(
  em: EntityManager,
  organizationId: string,
  invoiceIds: readonly string[],
  now: Date,
): Promise<string[]> {
  const due = await sql<{ id: string }>(
    em,
    `select id from acts
     where organization_id = $1 and invoice_id = any($2::uuid[]) and kind = 'finalize'
       and state in ('wanted', 'waiting') and due_at <= $3::timestamptz`,
    [organizationId, invoiceIds, now.toISOString()],
  );
  return due.map(({ id }) => id);
}
