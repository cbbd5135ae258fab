import type { EntityManager } from '@mikro-orm/postgresql';
import { v7 } from 'uuid';
import { featureUnavailable, invalid } from '../../billing/refusal.ts';
import { BillingEntity } from '../../db/entities/billing-entity.ts';
import { sql } from '../../db/sql.ts';
import { given } from '../organizations/given-attributes.ts';
import { entitySettings, refuseUnavailableSettings } from '../organizations/settings.ts';
import { numberPrefix } from './number-prefix.ts';
import type { BillingEntityInput } from './schema.ts';

/** Entities of one organization at most: lists and answers read them all. */
const ENTITIES_MAX = 100;

/**
 * Creates a billing entity beside the default one, in the caller's transaction. What the request does not say has the spec's
 * default; the currency is that of the default entity.
 *
 * @param now the organization's clock.
 * @throws Refusal 422 `code: value_already_exist` and `document_number_prefix: value_already_exist`; 403 `feature_unavailable`
 * beyond 100, and as `refuseUnavailableSettings`.
 */
export async function createBillingEntity(
  em: EntityManager,
  organizationId: string,
  input: BillingEntityInput,
  now: Date,
): Promise<BillingEntity> {
  refuseUnavailableSettings(input, null, 'billing_entity_must_be_in_eu');
  // Creations take turns, so that the limit holds and prefixes differ. Rows that reference the organization do not wait.
  await sql(em, 'select id from organizations where id = $1 for no key update', [organizationId]);
  const present = await em.find(BillingEntity, {}, { limit: ENTITIES_MAX });
  if (present.some(({ code }) => code === input.code)) throw invalid({ code: ['value_already_exist'] });
  if (present.length === ENTITIES_MAX) throw featureUnavailable();
  const id = v7();
  const entity = em.create(BillingEntity, {
    id,
    organizationId,
    code: input.code,
    name: input.name,
    isDefault: false,
    defaultCurrency: present.find(({ isDefault }) => isDefault)!.defaultCurrency,
    documentNumberPrefix: numberPrefix(input.document_number_prefix ?? null, { id, name: input.name }, present),
    emailSettings: [],
    createdAt: now,
    updatedAt: now,
    ...entitySettings(input),
    ...given({ einvoicing: input.einvoicing, logoUrl: input.logo }),
  });
  await em.flush();
  return entity;
}
