import { defineEntity, p, type InferEntity } from '@mikro-orm/postgresql';
import type { ViesAnswer, ViesErrorType } from '../../../billing/taxes/vies-answer.ts';

/**
 * The check of a customer's VAT number: pending until it is answered, and then the proof that it was (spec, money 1.7).
 */
export const ViesCheck = defineEntity({
  name: 'ViesCheck',
  tableName: 'vies_checks',
  properties: {
    id: p.uuid().primary(),
    organizationId: p.uuid(),
    customerId: p.uuid(),
    taxIdentificationNumber: p.text(),
    /** Grows whenever its customer's tax facts change: an answer to an older question is not taken. */
    version: p.integer().default(1),
    /** Failed tries of this number. */
    attempts: p.integer().default(0),
    /** When it is tried again, by the organization's clock; null: at once. */
    nextAttemptAt: p.datetime(3).nullable(),
    lastAttemptAt: p.datetime(3).nullable(),
    lastErrorType: p.text().$type<ViesErrorType>().nullable(),
    lastErrorMessage: p.text().nullable(),
    /** What VIES said last. Kept before it is applied, so that nothing is asked twice. */
    answer: p.json<ViesAnswer>().nullable(),
    /** null: it is pending. */
    answeredAt: p.datetime(3).nullable(),
    createdAt: p.datetime(3),
  },
  indexes: [
    {
      name: 'vies_checks_pending',
      expression: 'create unique index vies_checks_pending on vies_checks (customer_id) where answered_at is null',
    },
    { name: 'vies_checks_of_customer', properties: ['organizationId', 'customerId', 'createdAt'] },
  ],
});
export type ViesCheck = InferEntity<typeof ViesCheck>;
