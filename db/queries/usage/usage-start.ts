import type { EntityManager } from '@mikro-orm/postgresql';
import type { Subscription } from '../../entities/subscriptions/subscription.ts';
import { instantOf, sql } from '../../sql.ts';

const MILLISECOND = 1;

/**
 * Where the usage of a subscription that begins now has to begin later than its service: at the latest end of an
 * earlier one with its external id, whoever the customer was (spec, decisions). An event at exactly that instant is the
 * new one's, unless a final invoice of the earlier one has it already: then usage begins a millisecond later.
 *
 * @returns null: with its service.
 */
export async function usageStart(
  em: EntityManager,
  { id, organizationId, externalId, startedAt }: Subscription,
): Promise<Date | null> {
  const [row] = await sql<{ ended: string; isBilled: boolean }>(
    em,
    `select earlier.terminated_at as ended, exists (
       select 1 from invoice_subscriptions line join invoices on invoices.id = line.invoice_id
       where line.organization_id = $1 and line.subscription_id = earlier.id
         and line.invoicing_reason = 'subscription_terminating'
         and line.charges_from_datetime < line.charges_to_datetime
         and line.charges_to_datetime = earlier.terminated_at
         and invoices.status not in ('draft', 'generating', 'deleted')) as "isBilled"
     from subscriptions earlier
     where earlier.organization_id = $1 and earlier.external_id = $2 and earlier.id <> $3
       and earlier.status = 'terminated' and earlier.terminated_at >= $4
     order by earlier.terminated_at desc, "isBilled" desc limit 1`,
    [organizationId, externalId, id, startedAt?.toISOString() ?? null],
  );
  if (!row || !startedAt) return null;
  const start = new Date(instantOf(row.ended).getTime() + (row.isBilled ? MILLISECOND : 0));
  return start > startedAt ? start : null;
}
