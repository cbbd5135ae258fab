import { list, type NoFilter } from './list.ts';

/** Billing entities, newest first. */
export const billingEntityList = list({
  table: 'billing_entities',
  order: [
    ['createdAt', 'desc'],
    ['id', 'asc'],
  ],
  conditions: (_filter: NoFilter) => [],
});
