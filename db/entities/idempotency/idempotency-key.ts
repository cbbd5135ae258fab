import { defineEntity, p, type InferEntity } from '@mikro-orm/postgresql';

/**
 * What an `Idempotency-Key` header stands for: a request and its first answer (docs/architecture/idempotency.md).
 * Deleted after 30 days.
 */
export const IdempotencyKey = defineEntity({
  name: 'IdempotencyKey',
  tableName: 'idempotency_keys',
  properties: {
    id: p.uuid().primary(),
    /** null: a request of the operator, under `/admin`. */
    organizationId: p.uuid().nullable(),
    key: p.text(),
    /** SHA-256 of what was asked: a key stands for one request. */
    fingerprint: p.blob(),
    /** null, like the body: the request awaits a workflow, and has no answer yet. */
    status: p.integer().nullable(),
    /** What the answer's `Durabill-Workflow-*` headers name. */
    workflowId: p.text().nullable(),
    /** The answer's body, byte for byte. */
    body: p.text().nullable(),
    /** The body holds a secret and is encrypted with the caller's API key. */
    sealed: p.boolean().default(false),
    /** Real time: of the answer, or, where the request awaits a workflow, when it came. */
    createdAt: p.datetime(3),
  },
  indexes: [
    {
      name: 'idempotency_keys_key',
      expression:
        'create unique index idempotency_keys_key on idempotency_keys (organization_id, key) nulls not distinct',
    },
    { name: 'idempotency_keys_oldest', properties: ['createdAt'] },
  ],
});
export type IdempotencyKey = InferEntity<typeof IdempotencyKey>;
