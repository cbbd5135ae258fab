import { monthsBack } from '../../billing/calendar/months-back.ts';
import { invoicedUsage } from '../../db/queries/analytics/invoiced-usage.ts';
import { billingEntityIdsOf } from '../../db/queries/organizations/billing-entities.ts';
import { invoicedUsageJson } from '../../shapes/analytics/invoiced-usage.ts';
import { route, type Route } from '../http/route.ts';
import { invoicedUsageAnswer, invoicedUsageQuery } from './schema.ts';

export const routes: readonly Route[] = [
  route({
    method: 'get',
    path: '/analytics/invoiced_usage',
    permission: 'analytic',
    summary: 'What each billable metric brought on invoices, by month',
    query: invoicedUsageQuery,
    answer: invoicedUsageAnswer,
    handle: async ({ em, now }, { query }) => {
      const { currency = null, months, billing_entity_code: code } = query;
      const [billingEntityId = null] = (await billingEntityIdsOf(em, code === undefined ? undefined : [code])) ?? [];
      const from = months === undefined ? null : monthsBack(now, months);
      const rows = await invoicedUsage(em, { currency, billingEntityId, from });
      return { invoiced_usages: rows.map(invoicedUsageJson) };
    },
  }),
];
