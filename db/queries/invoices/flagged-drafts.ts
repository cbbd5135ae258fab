import type { EntityManager } from '@mikro-orm/postgresql';
import { sql } from '../../sql.ts';
import { BEFORE_ALL_IDS } from '../before-all-ids.ts';

/** The kinds of rows whose change makes drafts say something else than they should. */
export type SourceKind = 'plan' | 'billable_metric' | 'tax' | 'customer' | 'billing_entity';

/** The condition that an invoice has a subscription that meets one. */
const ofSubscriptions = (condition: string): string =>
  `exists (select from invoice_subscriptions row join subscriptions on subscriptions.id = row.subscription_id
            where row.invoice_id = invoices.id and ${condition})`;

/** The invoices that are made from what has changed; `$3` is its id. An override of a plan is a plan of its own. */
const MADE_FROM: Record<SourceKind, string> = {
  plan: ofSubscriptions('subscriptions.plan_id = $3'),
  billable_metric: ofSubscriptions(
    `exists (select from charges where charges.organization_id = $1 and charges.plan_id = subscriptions.plan_id
               and charges.billable_metric_id = $3)`,
  ),
  // Those that bear it, and those that would bear it were they made now: one that is being made anew at this moment
  // with the tax as it was shows no row of it yet. An entity's taxes are for customers who have none of their own.
  tax: `(exists (select from invoice_applied_taxes applied
                  where applied.invoice_id = invoices.id and applied.tax_id = $3)
         or exists (select from tax_attachments attached
                    where attached.tax_id = $3 and attached.owner_id in (
                      select invoices.customer_id
                      union all
                      select billing_entity_id from customers
                      where customers.id = invoices.customer_id
                        and not exists (select from tax_attachments own where own.owner_id = customers.id)
                      union all
                      select subscriptions.plan_id from invoice_subscriptions row
                        join subscriptions on subscriptions.id = row.subscription_id
                      where row.invoice_id = invoices.id
                      union all
                      select charges.id from invoice_subscriptions row
                        join subscriptions on subscriptions.id = row.subscription_id
                        join charges on charges.plan_id = subscriptions.plan_id
                      where row.invoice_id = invoices.id)))`,
  customer: 'invoices.customer_id = $3',
  // An entity's taxes are for customers who have none of their own (spec, money 1.1, 1.3).
  billing_entity: `exists (select from customers
                            where customers.id = invoices.customer_id and customers.billing_entity_id = $3
                              and not exists (select from tax_attachments own where own.owner_id = customers.id))`,
};

/** One page of an organization's drafts, in the order of their ids. */
export interface DraftPage {
  readonly organizationId: string;
  readonly changed: { readonly kind: SourceKind; readonly id: string };
  /** The last draft of the page before; `''`: this is the first. */
  readonly after: string;
  readonly limit: number;
}

/**
 * Flags a page of the drafts that are made from what has changed, and holds them. @returns them in the order of their
 * ids.
 */
export async function flagDrafts(
  em: EntityManager,
  { organizationId, changed, after, limit }: DraftPage,
): Promise<readonly { readonly id: string; readonly customerId: string }[]> {
  const rows = await sql<{ id: string; customerId: string }>(
    em,
    `with page as (
       select id from invoices
       where organization_id = $1 and status = 'draft' and id > $2::uuid
         and ${MADE_FROM[changed.kind]}
       order by id limit $4
       for no key update)
     update invoices set ready_to_be_refreshed = true from page where invoices.id = page.id
     returning invoices.id, invoices.customer_id as "customerId"`,
    [organizationId, after === '' ? BEFORE_ALL_IDS : after, changed.id, limit],
  );
  return rows.toSorted((one, other) => (one.id < other.id ? -1 : 1));
}
