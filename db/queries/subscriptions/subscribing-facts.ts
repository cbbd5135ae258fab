import type { EntityManager } from '@mikro-orm/postgresql';
import { Customer } from '../../entities/customers/customer.ts';
import { BillingEntity } from '../../entities/organizations/billing-entity.ts';
import { Plan } from '../../entities/plans/plan.ts';
import { Subscription } from '../../entities/subscriptions/subscription.ts';
import { sql } from '../../sql.ts';
import { joinedRows } from '../joined-rows.ts';

/** How a request to subscribe names what it means. */
export interface SubscribingNames {
  readonly planCode: string;
  readonly externalCustomerId: string;
  readonly externalId: string;
}

/** What it means by them; null: there is none. */
export interface SubscribingFacts {
  /** Held still to the end of the transaction: an update of the plan sees the new subscription, or this one it. */
  readonly plan: Plan | null;
  readonly customer: Customer | null;
  /** The customer's own. */
  readonly billingEntity: BillingEntity | null;
  /** The one that runs, else one that has not started yet (spec, subscriptions-and-invoices 2.3). */
  readonly current: Subscription | null;
}

/** Finds everything that a request to subscribe names, as it is now, in one prepared statement. */
export async function subscribingFacts(
  em: EntityManager,
  organizationId: string,
  { planCode, externalCustomerId, externalId }: SubscribingNames,
): Promise<SubscribingFacts> {
  const joined = joinedRows(em, em);
  const [row = {}] = await sql<Record<string, unknown>>(
    em,
    `with plan as materialized (
       select * from plans
       where organization_id = $1 and code = $2 and parent_id is null and not pending_deletion and deleted_at is null
       limit 1 for share)
     select ${joined.columns(Plan, 'plan')}, ${joined.columns(Customer, 'customer')},
            ${joined.columns(BillingEntity, 'entity')}, ${joined.columns(Subscription, 'current')}
     from (select) request
     left join plan on true
     left join customers customer
       on customer.organization_id = $1 and customer.external_id = $3 and customer.deleted_at is null
     left join billing_entities entity on entity.id = customer.billing_entity_id
     left join lateral (
       select * from subscriptions
       where organization_id = $1 and external_id = $4 and previous_subscription_id is null
         and status in ('active', 'pending')
       order by status limit 1) current on true`,
    [organizationId, planCode, externalCustomerId, externalId],
  );
  return {
    plan: joined.take(Plan, 'plan', row),
    customer: joined.take(Customer, 'customer', row),
    billingEntity: joined.take(BillingEntity, 'entity', row),
    current: joined.take(Subscription, 'current', row),
  };
}
