import type { EntityManager } from '@mikro-orm/postgresql';
import { billedByOpenActs } from '../../acts/closed-periods.ts';
import type { Subscription } from '../../entities/subscriptions/subscription.ts';
import { instantOf, sql } from '../../sql.ts';

/**
 * Up to when a customer's earlier subscriptions with an external id are billed, exclusive: to their ends, and where the
 * last invoice was skipped to the end of what is invoiced, fee or usage (spec, subscriptions-and-invoices 2.3;
 * decisions). Null: there is nothing.
 *
 * A period that closed before the end is billed also where its invoice is still to be made: just after the end, or for
 * as long as it cannot be. Its act says where it closed; that of the running period, which the end has cut off, bills
 * nothing.
 */
export async function billedServiceEnd(
  em: EntityManager,
  { organizationId, customerId, externalId }: Pick<Subscription, 'organizationId' | 'customerId' | 'externalId'>,
): Promise<Date | null> {
  const [row] = await sql<{ end: string | null }>(
    em,
    `select max(case when former.on_termination_invoice = 'generate' then former.terminated_at
                     else least(former.terminated_at,
                       greatest(invoiced.until + interval '1 millisecond', coming.until)) end) as end
     from subscriptions former
     left join lateral (
       select greatest(
                max(line.charges_to_datetime) filter (where line.charges_from_datetime < line.charges_to_datetime),
                max(fees.to_datetime) filter (where fees.from_datetime < fees.to_datetime)) as until
       from invoice_subscriptions line
       left join fees on fees.invoice_id = line.invoice_id and fees.subscription_id = line.subscription_id
         and fees.fee_type = 'subscription'
       where line.organization_id = former.organization_id and line.subscription_id = former.id
         and line.invoicing_reason not in
           ('progressive_billing', 'in_advance_charge', 'in_advance_charge_periodic')) invoiced on true
     left join lateral (${billedByOpenActs('former')}) coming on true
     where former.organization_id = $1 and former.customer_id = $2 and former.external_id = $3
       and former.status = 'terminated'`,
    [organizationId, customerId, externalId],
  );
  return instantOf(row?.end ?? null);
}
