import type { EntityManager } from '@mikro-orm/postgresql';
import { actList, type ActFilter } from '../../db/lists/acts.ts';
import { metaOf, pageOf } from '../http/pagination.ts';
import type { WorkflowsQuery } from './schema.ts';

/** A page of acts, newest first; Temporal is not asked. */
export async function listWorkflows(em: EntityManager, query: WorkflowsQuery) {
  const page = pageOf(query);
  const filter: ActFilter = {
    kind: query.kind,
    state: query.state,
    customerId: query.lago_customer_id,
    externalCustomerId: query.external_customer_id,
    subscriptionId: query.lago_subscription_id,
    externalSubscriptionId: query.external_subscription_id,
    invoiceId: query.lago_invoice_id,
  };
  const { rows, total } = await actList.page(em, filter, page);
  return { rows, meta: metaOf(page, total) };
}
