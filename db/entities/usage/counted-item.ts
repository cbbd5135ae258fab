import { defineEntity, p, type InferEntity } from '@mikro-orm/postgresql';

/**
 * A value of a unique count that a charge in advance has counted: whether it is there after the events that are priced.
 * Read and written under the customer's lock.
 */
export const CountedItem = defineEntity({
  name: 'CountedItem',
  tableName: 'counted_items',
  properties: {
    /** Of the running usage that it is counted in; where the metric carries over, of all periods. */
    ownerId: p.uuid().primary(),
    /** As usage keeps it: of a long value its hash. */
    value: p.text().primary(),
    organizationId: p.uuid(),
    isThere: p.boolean(),
  },
});
export type CountedItem = InferEntity<typeof CountedItem>;
