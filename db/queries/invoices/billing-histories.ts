import type { EntityManager } from '@mikro-orm/postgresql';
import { endOfLocalDay, localDate, startOfLocalDay } from '../../../billing/calendar/local-date.ts';
import { NO_HISTORY, type BillingHistory } from '../../../billing/invoices/billing-history.ts';
import type { PlannedInvoice, PlannedLine } from '../../../billing/invoices/planned-invoice.ts';
import { sql } from '../../sql.ts';
import {
  lastWindowColumns,
  lastWindowJoins,
  lastWindowsOf,
  type LastWindowsRow,
} from '../subscriptions/last-invoiced-windows.ts';
import { chainColumns, chainOf, type ChainRow } from '../subscriptions/subscription-chain.ts';

/** A subscription on an invoice whose history is asked for. */
export interface AskedLine {
  readonly invoice: PlannedInvoice;
  readonly line: PlannedLine;
}

/** How many of a subscription's last claims are looked at: a termination can only meet the newest. */
const CLAIMS = 3;

/** Rows of a subscription on invoices other than the one that is made. */
const OF_OTHERS = `row.organization_id = $1 and row.subscription_id = asked.subscription_id
      and row.invoice_id <> asked.invoice_id`;

/**
 * Those of an earlier billing instant, however late this one is made: a period that failed is billed as it would have
 * been.
 */
const OLDER = `row.timestamp < asked.billing_instant`;

const OF_DAY = `row.timestamp >= asked.day_from and row.timestamp <= asked.day_to
      and (not asked.is_made_again or ${OLDER})`;

/** Each look takes one row: in whatever form it is planned, none reads more than this subscription's own rows. */
const oneFeeWhere = (condition: string, name: string): string => `
  left join lateral (
    select true as found from invoice_subscriptions row
    join fees on fees.invoice_id = row.invoice_id and fees.subscription_id = row.subscription_id
      and fees.fee_type = 'subscription'
    where ${OF_OTHERS} and ${condition}
    limit 1) ${name} on true`;

const NAMES = { organizationId: '$1', before: 'asked.billing_instant', besidesInvoiceId: 'asked.invoice_id' };

const HISTORIES = `
  select asked.place::int as place, older.found is not null as "hasOlderFee",
    of_day.found is not null as "hasFeeOfSameDay",
    array(select period_key from billing_claims
          where subscription_id = asked.subscription_id and invoice_id <> asked.invoice_id
          order by period_key desc limit ${CLAIMS}) as "claimedElsewhere",
    exists (select 1 from subscriptions next
            where next.organization_id = mine.organization_id and next.external_id = mine.external_id
              and next.id <> mine.id
              and mine.terminated_at > mine.started_at
              and coalesce(next.usage_from, next.started_at) = mine.terminated_at) as "endsWhereAnotherBegins",
    ${lastWindowColumns}, ${chainColumns('mine', 'asked.has_trial')}
  from unnest($2::uuid[], $3::uuid[], $4::timestamptz[], $5::timestamptz[], $6::timestamptz[],
              $7::boolean[], $8::boolean[])
         with ordinality as asked (subscription_id, invoice_id, billing_instant, day_from, day_to, is_made_again,
                                   has_trial, place)
    join subscriptions mine on mine.organization_id = $1 and mine.id = asked.subscription_id
    ${oneFeeWhere(OLDER, 'older')}
    ${oneFeeWhere(OF_DAY, 'of_day')}
    ${lastWindowJoins(NAMES)}`;

interface HistoryRow extends Omit<BillingHistory, 'lastWindows' | 'chain'>, LastWindowsRow, ChainRow {
  /** From 1. */
  readonly place: number;
}

/**
 * What other invoices, and other subscriptions, say of the subscriptions on these invoices, in one statement. Of
 * invoices only older ones count, those of an earlier billing instant; a fee of the same day counts also from a later
 * one, unless the invoice is made again (spec, subscriptions-and-invoices 5.1, 5.2; decisions).
 *
 * @returns in the order of what was asked; `NO_HISTORY` for a subscription that is only proposed.
 * @throws Error for another one that is not there: billed without its history, it would be billed twice.
 */
export async function billingHistories(
  em: EntityManager,
  organizationId: string,
  asked: readonly AskedLine[],
): Promise<readonly BillingHistory[]> {
  const days = asked.map(({ invoice: { billingInstant, timeZone } }) => {
    const day = localDate(billingInstant, timeZone);
    return { from: startOfLocalDay(day, timeZone), to: endOfLocalDay(day, timeZone) };
  });
  const rows = await sql<HistoryRow>(em, HISTORIES, [
    organizationId,
    asked.map(({ line }) => line.subscription.id),
    asked.map(({ invoice }) => invoice.invoiceId),
    asked.map(({ invoice }) => invoice.billingInstant.toISOString()),
    days.map(({ from }) => from.toISOString()),
    days.map(({ to }) => to.toISOString()),
    asked.map(({ invoice }) => invoice.isMadeAgain),
    asked.map(({ line }) => line.plan.trialPeriod?.gt(0) ?? false),
  ]);
  const byPlace = new Map(rows.map((row) => [row.place, row]));
  return asked.map(({ line }, index) => {
    const row = byPlace.get(index + 1);
    if (line.isProposed) return NO_HISTORY;
    if (!row) throw new Error(`subscription ${line.subscription.id} is gone: nothing says what it was billed`);
    const { hasOlderFee, hasFeeOfSameDay, claimedElsewhere, endsWhereAnotherBegins } = row;
    return {
      hasOlderFee,
      hasFeeOfSameDay,
      claimedElsewhere,
      endsWhereAnotherBegins,
      lastWindows: lastWindowsOf(row),
      chain: chainOf(row, line.plan),
    };
  });
}
