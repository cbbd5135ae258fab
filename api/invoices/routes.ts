import { VISIBLE_STATUSES } from '../../billing/invoices/invoice-status.ts';
import { notFound } from '../../billing/refusal.ts';
import { Customer } from '../../db/entities/customer.ts';
import { Invoice } from '../../db/entities/invoice.ts';
import type { RequestContext } from '../request-context.ts';
import { route, type Route } from '../route.ts';
import { listInvoices } from './list-invoices.ts';
import { invoicesQuery } from './list-query.ts';
import { detailedInvoices } from '../../shapes/load-invoices.ts';
import { invoiceAnswer, invoiceListAnswer, type InvoiceJson } from './schema.ts';

const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;

/** @throws Refusal 404 also for an invoice that is there and not shown. */
async function readInvoice({ em, now }: RequestContext, id: string): Promise<InvoiceJson> {
  const invoice = UUID.test(id) ? await em.findOne(Invoice, { id, status: [...VISIBLE_STATUSES] }) : null;
  const [json] = invoice ? await detailedInvoices(em, [invoice], now) : [];
  if (!json) throw notFound('invoice');
  return json;
}

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
    handle: async (context, { params }) => ({ invoice: await readInvoice(context, params['id'] ?? '') }),
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
];
