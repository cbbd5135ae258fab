import { notFound } from '../../billing/refusal.ts';
import { Customer } from '../../db/entities/customers/customer.ts';
import { route, type Route } from '../http/route.ts';
import { changeRoutes } from './change-routes.ts';
import { findInvoice } from '../../db/queries/invoices/find-invoice.ts';
import { detailedInvoice } from './detailed-invoice.ts';
import { listInvoices } from './list-invoices.ts';
import { invoicesQuery } from './list-query.ts';
import { invoiceAnswer, invoiceListAnswer } from './schema.ts';

export const routes: readonly Route[] = [
  route({
    method: 'get',
    path: '/invoices',
    permission: 'invoice',
    summary: 'Invoices, issued last first',
    query: invoicesQuery,
    answer: invoiceListAnswer,
    handle: (context, { query }) => listInvoices(context, query),
  }),
  route({
    method: 'get',
    path: '/invoices/:id',
    permission: 'invoice',
    summary: 'One invoice with everything on it',
    answer: invoiceAnswer,
    handle: async ({ em, now }, { params }) => ({
      invoice: await detailedInvoice(em, await findInvoice(em, params['id'] ?? ''), now),
    }),
  }),
  route({
    method: 'get',
    path: '/customers/:external_id/invoices',
    permission: 'invoice',
    summary: "A customer's invoices, issued last first",
    query: invoicesQuery,
    answer: invoiceListAnswer,
    handle: async (context, { params, query }) => {
      const externalId = params['external_id'] ?? '';
      const customer = await context.em.findOne(Customer, { externalId, deletedAt: null });
      if (!customer) throw notFound('customer');
      return listInvoices(context, query, customer.id);
    },
  }),
  ...changeRoutes,
];
