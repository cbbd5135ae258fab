import type { EntityManager } from '@mikro-orm/postgresql';
import { sql } from '../../sql.ts';

/** A period that an invoice bills: whoever inserts its claim bills it (spec, subscriptions-and-invoices 13.3). */
export interface ClaimedPeriod {
  readonly organizationId: string;
  readonly subscriptionId: string;
  readonly periodKey: string;
  readonly invoiceId: string;
}

/** @returns whether this invoice has the claim now, and had not before. */
export async function claimPeriod(
  em: EntityManager,
  { organizationId, subscriptionId, periodKey, invoiceId }: ClaimedPeriod,
  now: Date,
): Promise<boolean> {
  const claimed = await sql(
    em,
    `insert into billing_claims (subscription_id, period_key, organization_id, invoice_id, created_at)
     values ($1, $2, $3, $4, $5) on conflict do nothing returning 1`,
    [subscriptionId, periodKey, organizationId, invoiceId, now.toISOString()],
  );
  return claimed.length > 0;
}

/** Whether some invoice has a period's claim. */
export async function isClaimed(em: EntityManager, subscriptionId: string, periodKey: string): Promise<boolean> {
  const claims = await sql(em, 'select 1 from billing_claims where subscription_id = $1 and period_key = $2', [
    subscriptionId,
    periodKey,
  ]);
  return claims.length > 0;
}

/** The invoice that its day and group has always had; the next one if that is out already. */
const CHOSEN = `
  select candidate.id, invoices.id is null as "isNew"
  from unnest($1::uuid[]) with ordinality as candidate (id, occurrence)
  left join lateral (select id, status from invoices where invoices.id = candidate.id limit 1) invoices on true
  where invoices.id is null or invoices.status = 'generating'
  order by occurrence limit 1`;

/** The first of these ids that no finished invoice has; undefined: all are out. */
export async function freeInvoiceId(em: EntityManager, candidates: readonly string[]): Promise<string | undefined> {
  const [chosen] = await sql<{ id: string }>(em, CHOSEN, [candidates]);
  return chosen?.id;
}

/** The periods of one invoice. */
export interface GroupToClaim {
  readonly organizationId: string;
  /** Ids that the invoice may have, the first one that is free is taken. */
  readonly candidates: readonly string[];
  readonly periods: readonly { readonly subscriptionId: string; readonly periodKey: string }[];
}

/** What a claim has brought. */
export interface GroupClaim {
  readonly invoiceId: string;
  /** Whether no earlier attempt has left its row. */
  readonly isNew: boolean;
  /** Those that are claimed now, and were not before. */
  readonly subscriptionIds: ReadonlySet<string>;
}

/** Claims the periods of a group, and chooses its invoice, in one statement; undefined: all candidates are out. */
export async function claimGroup(
  em: EntityManager,
  { organizationId, candidates, periods }: GroupToClaim,
  now: Date,
): Promise<GroupClaim | undefined> {
  const [row] = await sql<{ invoiceId: string; isNew: boolean; claimed: readonly string[] }>(
    em,
    `with chosen as (${CHOSEN}),
     claimed as (
       insert into billing_claims (subscription_id, period_key, organization_id, invoice_id, created_at)
       select subscription_id, period_key, $4, chosen.id, $5
       from unnest($2::uuid[], $3::text[]) as period (subscription_id, period_key), chosen
       on conflict do nothing returning subscription_id)
     select chosen.id as "invoiceId", chosen."isNew", array(select subscription_id::text from claimed) as claimed
     from chosen`,
    [
      candidates,
      periods.map(({ subscriptionId }) => subscriptionId),
      periods.map(({ periodKey }) => periodKey),
      organizationId,
      now.toISOString(),
    ],
  );
  return row && { invoiceId: row.invoiceId, isNew: row.isNew, subscriptionIds: new Set(row.claimed) };
}
