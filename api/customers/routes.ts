import { hideCustomer } from '../../activities/customers/hide-customer.ts';
import { saveCustomer } from '../../activities/customers/save-customer.ts';
import { notFound } from '../../billing/refusal.ts';
import { BillingEntity } from '../../db/entities/organizations/billing-entity.ts';
import { entityOf, loadBillingEntities } from '../../db/queries/organizations/billing-entities.ts';
import { route, type Route } from '../http/route.ts';
import { refusingDuplicates } from '../http/unique-violation.ts';
import { findCustomer } from '../../db/queries/customers/find-customer.ts';
import { scopeOf } from '../http/command-scope.ts';
import { extendedCustomerJson } from '../../shapes/customers/customer.ts';
import { customerDetails, customersDetails } from '../../shapes/customers/load-customer-details.ts';
import { customersQuery, listCustomers } from './list-customers.ts';
import { customerAnswer, customerInput, customerListAnswer } from './schema.ts';
import { toSaveCustomer } from './to-command.ts';
import { refuseUnavailableParts } from './unavailable-parts.ts';

const permission = 'customer';

const save = route({
  method: 'post',
  path: '/customers',
  permission,
  summary: 'Create a customer, or change the one with this external id: only attributes that are given change',
  root: 'customer',
  body: customerInput,
  answer: customerAnswer,
  handle: async (context, { body }) => {
    refuseUnavailableParts(body);
    const { customer, entity, acts } = await refusingDuplicates({ customers_external_id: 'external_id' }, () =>
      saveCustomer(context.em, scopeOf(context), toSaveCustomer(body)),
    );
    context.startAfterAnswer(acts);
    return { customer: extendedCustomerJson(customer, entity, await customerDetails(context.em, customer)) };
  },
});

const read = route({
  method: 'get',
  path: '/customers/:external_id',
  permission,
  summary: 'One customer',
  answer: customerAnswer,
  handle: async ({ em }, { params }) => {
    const customer = await findCustomer(em, params['external_id'] ?? '');
    if (!customer) throw notFound('customer');
    const entity = await em.findOneOrFail(BillingEntity, { id: customer.billingEntityId });
    return { customer: extendedCustomerJson(customer, entity, await customerDetails(em, customer)) };
  },
});

const list = route({
  method: 'get',
  path: '/customers',
  permission,
  summary: 'Customers, newest first',
  query: customersQuery,
  answer: customerListAnswer,
  handle: async ({ em }, { query }) => {
    const { rows, meta } = await listCustomers(em, query);
    const entities = await loadBillingEntities(em);
    const details = await customersDetails(em, rows);
    return {
      customers: rows.map((customer) =>
        extendedCustomerJson(customer, entityOf(entities, customer.billingEntityId), details.get(customer.id)!),
      ),
      meta,
    };
  },
});

const remove = route({
  method: 'delete',
  path: '/customers/:external_id',
  permission,
  summary: 'Delete a customer: the external id is free at once, subscriptions end behind the answer, invoices stay',
  answer: customerAnswer,
  handle: async (context, { params }) => {
    const { customer, entity, acts } = await context.em.transactional((em) =>
      hideCustomer(em, scopeOf(context), params['external_id'] ?? ''),
    );
    context.startAfterAnswer(acts);
    return { customer: extendedCustomerJson(customer, entity, await customerDetails(context.em, customer)) };
  },
});

export const routes: readonly Route[] = [save, read, list, remove];
