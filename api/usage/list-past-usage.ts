import { invalid, notFound } from '../../billing/refusal.ts';
import { Customer } from '../../db/entities/customers/customer.ts';
import { BillableMetric } from '../../db/entities/usage/billable-metric.ts';
import { usagePeriodList } from '../../db/lists/usage-periods.ts';
import { loadPastUsage } from '../../shapes/usage/load-past-usage.ts';
import { pastUsageJson } from '../../shapes/usage/past-usage.ts';
import { metaOf, pageOf } from '../http/pagination.ts';
import type { RequestContext } from '../http/request-context.ts';
import type { PastUsageQuery } from './schema.ts';

/** A page of the billed periods of a customer's subscription, the newest first (spec, usage 7.4). */
export async function listPastUsage({ em }: RequestContext, externalCustomerId: string, query: PastUsageQuery) {
  const customer = await em.findOne(Customer, { externalId: externalCustomerId, deletedAt: null });
  if (!customer) throw notFound('customer');
  const { external_subscription_id: externalSubscriptionId, billable_metric_code: code } = query;
  if (externalSubscriptionId === undefined) throw invalid({ external_subscription_id: ['value_is_mandatory'] });
  const metric = code === undefined ? null : await em.findOne(BillableMetric, { code, deletedAt: null });
  if (code !== undefined && !metric) throw notFound('billable_metric');
  const page = pageOf(query);
  const periodsMax = query.periods_count ?? Number.POSITIVE_INFINITY;
  const limit = Math.max(Math.min(page.limit, periodsMax - page.offset), 0);
  const filter = { customerId: customer.id, externalSubscriptionId };
  const { rows, total } = await usagePeriodList.page(em, filter, { offset: page.offset, limit });
  const periods = await loadPastUsage(em, rows, metric?.id ?? null);
  return { usage_periods: periods.map(pastUsageJson), meta: metaOf(page, Math.min(total, periodsMax)) };
}
