import { defineEntity, p, type InferEntity } from '@mikro-orm/postgresql';
import type { StoredProviderAnswer } from './stored-provider-answer.ts';

/**
 * What an external tax provider has said of an invoice that waits for its taxes, until it is acted upon: whoever asks
 * and whoever applies the answer are two transactions, and nothing is asked twice.
 */
export const ProviderTaxAnswer = defineEntity({
  name: 'ProviderTaxAnswer',
  tableName: 'provider_tax_answers',
  properties: {
    invoiceId: p.uuid().primary(),
    organizationId: p.uuid(),
    /** That it was asked about: a draft that is made anew has others, and the answer is none to them. */
    feeIds: p.json<string[]>(),
    answer: p.json<StoredProviderAnswer>(),
    createdAt: p.datetime(3),
  },
});
export type ProviderTaxAnswer = InferEntity<typeof ProviderTaxAnswer>;
