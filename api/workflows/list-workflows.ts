import type { EntityManager } from '@mikro-orm/postgresql';
import { Act } from '../../db/entities/act.ts';
import { sql } from '../../db/sql.ts';
import { pageOf, type Page } from '../http/pagination.ts';
import type { WorkflowsQuery } from './schema.ts';

const CONDITIONS = `
  organization_id = $1
  and ($2::text is null or kind = $2)
  and ($3::text is null or state = $3)
  and ($4::uuid is null or customer_id = $4)
  and ($5::text is null
    or customer_id in (select id from customers where organization_id = $1 and external_id = $5))
  and ($6::uuid is null or subscription_id = $6)
  and ($7::text is null
    or subscription_id in (select id from subscriptions where organization_id = $1 and external_id = $7))
  and ($8::uuid is null or invoice_id = $8)`;

/** A page of acts, newest first, and how many there are in all; Temporal is not asked. */
export async function listWorkflows(
  em: EntityManager,
  organizationId: string,
  query: WorkflowsQuery,
): Promise<{ readonly acts: readonly Act[]; readonly total: number; readonly page: Page }> {
  const page = pageOf(query);
  const parameters = [
    organizationId,
    query.kind ?? null,
    query.state ?? null,
    query.lago_customer_id ?? null,
    query.external_customer_id ?? null,
    query.lago_subscription_id ?? null,
    query.external_subscription_id ?? null,
    query.lago_invoice_id ?? null,
  ];
  const [count] = await sql<{ total: string }>(
    em,
    `select count(*) as total from acts where ${CONDITIONS}`,
    parameters,
  );
  const ids = await sql<{ id: string }>(
    em,
    `select id from acts where ${CONDITIONS} order by created_at desc, id limit $9 offset $10`,
    [...parameters, page.limit, page.offset],
  );
  const found = await em.find(Act, { id: ids.map(({ id }) => id) });
  const byId = new Map(found.map((act) => [act.id, act]));
  // One may have been cleaned up between the two reads.
  return { acts: ids.flatMap(({ id }) => byId.get(id) ?? []), total: Number(count?.total), page };
}
