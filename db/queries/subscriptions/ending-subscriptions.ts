import type { EntityManager } from '@mikro-orm/postgresql';
import { sql } from '../../sql.ts';
import { ENDED_PLANS } from '../plans/ended-plans.ts';

/** Those of a customer, or those of a plan and its overrides. */
export type SubscriptionsOf =
  | { readonly organizationId: string; readonly customerId: string }
  | { readonly organizationId: string; readonly planId: string };

/** A subscription that is to end. */
export interface EndingSubscription {
  readonly id: string;
  readonly customerId: string;
}

/** The first subscription that is still to end, of a customer who is not passed over; undefined: there is none. */
export async function nextToEnd(
  em: EntityManager,
  ending: SubscriptionsOf,
  passedOver: readonly string[],
): Promise<EndingSubscription | undefined> {
  const isCustomer = 'customerId' in ending;
  const [next] = await sql<EndingSubscription>(
    em,
    `select id, customer_id as "customerId" from subscriptions
     where organization_id = $1 and status in ('active', 'pending') and customer_id <> all($3::uuid[])
       and ${isCustomer ? 'customer_id = $2' : `plan_id in (${ENDED_PLANS})`}
     order by id limit 1`,
    [ending.organizationId, isCustomer ? ending.customerId : ending.planId, passedOver],
  );
  return next;
}
