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

/** SQL: the invoice that its day and group has always had; the next one if that is out already. */
const chosenOf = (candidates: string): string => `
  select candidate.id, invoices.id is null as "isNew"
  from unnest(${candidates}) with ordinality as candidate (id, occurrence)
  left join lateral (select id, status from invoices where invoices.id = candidate.id limit 1) invoices on true
  where invoices.id is null or invoices.status = 'generating'
  order by occurrence limit 1`;

/** The first of these ids that no finished invoice has; undefined: all are out. */
export async function freeInvoiceId(em: EntityManager, candidates: readonly string[]): Promise<string | undefined> {
  const [chosen] = await sql<{ id: string }>(em, chosenOf('$1::uuid[]'), [candidates]);
  return chosen?.id;
}

/** The periods of one invoice. */
export interface GroupToClaim {
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

/**
 * Claims the periods of groups, and chooses their invoices, in one statement.
 *
 * @param now the organization's clock.
 * @returns in the order of the groups; undefined: all candidates are out.
 */
export async function claimGroups(
  em: EntityManager,
  organizationId: string,
  groups: readonly GroupToClaim[],
  now: Date,
): Promise<readonly (GroupClaim | undefined)[]> {
  const periods = groups.flatMap((group, index) => group.periods.map((period) => ({ ...period, place: index + 1 })));
  const rows = await sql<{ place: number; invoiceId: string; isNew: boolean; claimed: readonly string[] }>(
    em,
    `with chosen as materialized (
       select asked.place::int as place, free.* from unnest($1::text[]) with ordinality as asked (candidates, place)
       cross join lateral (${chosenOf('asked.candidates::uuid[]')}) free),
     claimed as (
       insert into billing_claims (subscription_id, period_key, organization_id, invoice_id, created_at)
       select period.subscription_id, period.period_key, $5, chosen.id, $6
       from unnest($2::int[], $3::uuid[], $4::text[]) as period (place, subscription_id, period_key)
         join chosen on chosen.place = period.place
       on conflict do nothing returning subscription_id, invoice_id)
     select chosen.place, chosen.id as "invoiceId", chosen."isNew",
       array(select subscription_id::text from claimed where claimed.invoice_id = chosen.id) as claimed
     from chosen`,
    [
      groups.map(({ candidates }) => `{${candidates.join(',')}}`),
      periods.map(({ place }) => place),
      periods.map(({ subscriptionId }) => subscriptionId),
      periods.map(({ periodKey }) => periodKey),
      organizationId,
      now.toISOString(),
    ],
  );
  const byPlace = new Map(rows.map((row) => [row.place, row]));
  return groups.map((_, index) => {
    const row = byPlace.get(index + 1);
    return row && { invoiceId: row.invoiceId, isNew: row.isNew, subscriptionIds: new Set(row.claimed) };
  });
}
