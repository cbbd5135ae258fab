import type { EntityManager } from '@mikro-orm/postgresql';
import { sql } from '../../sql.ts';
import { BEFORE_ALL_IDS } from '../before-all-ids.ts';

/** One page of a billing entity's customers, in the order of their ids. */
export interface CustomerPage {
  readonly organizationId: string;
  readonly billingEntityId: string;
  /** The last customer of the page before; `''`: this is the first. */
  readonly after: string;
  readonly limit: number;
}

/** Ids of those customers who live in their billing entity's time zone, as they have none of their own. */
export async function customersInZoneOf(
  em: EntityManager,
  { organizationId, billingEntityId, after, limit }: CustomerPage,
): Promise<readonly string[]> {
  const page = await sql<{ id: string }>(
    em,
    `select id from customers
     where organization_id = $1 and billing_entity_id = $2 and timezone is null and deleted_at is null
       and id > $3
     order by id limit $4`,
    [organizationId, billingEntityId, after === '' ? BEFORE_ALL_IDS : after, limit],
  );
  return page.map(({ id }) => id);
}
