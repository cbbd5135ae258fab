import { defineEntity, p, type InferEntity } from '@mikro-orm/postgresql';

/**
 * Written in the transaction of an act whose facts span several tables: the same facts cannot be written twice
 * (docs/architecture/acts.md, Three guards). Kept for ever, or until its facts are released.
 */
export const IdempotencyRecord = defineEntity({
  name: 'IdempotencyRecord',
  tableName: 'idempotency_records',
  properties: {
    /** SHA-256 of act, organization and facts (`billing/idempotency/idempotency-key.ts`). */
    idempotencyKey: p.blob().primary(),
    organizationId: p.uuid(),
    act: p.text(),
    /** What the key was made from, for whoever asks why. */
    facts: p.json<Record<string, string>>(),
    /** What the act made; both null: nothing that could be named. */
    resourceType: p.text().nullable(),
    resourceId: p.uuid().nullable(),
    createdAt: p.datetime(3),
  },
  indexes: [
    {
      name: 'idempotency_records_of_resource',
      expression: `create index idempotency_records_of_resource
         on idempotency_records (organization_id, resource_type, resource_id)
         where resource_id is not null`,
    },
  ],
});
export type IdempotencyRecord = InferEntity<typeof IdempotencyRecord>;
