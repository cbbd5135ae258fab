import type { EntityManager } from '@mikro-orm/postgresql';
import { v7 } from 'uuid';
import { numberPrefix } from '../../billing/organizations/number-prefix.ts';
import { featureUnavailable, invalid } from '../../billing/refusal.ts';
import { refuseEuTaxManagement } from '../../billing/taxes/eu-tax-management.ts';
import { BillingEntity } from '../../db/entities/organizations/billing-entity.ts';
import { lockOrganization } from '../../db/queries/organizations/lock-organization.ts';
import type { CommandScope } from '../command-scope.ts';
import { entityTaxesChanged } from '../taxes/entity-taxes-changed.ts';
import type { ViesScope } from '../taxes/vies-checks.ts';
import type { BillingEntityChanges } from './issuer-settings.ts';

/** Entities of one organization at most: lists and answers read them all. */
const ENTITIES_MAX = 100;

export interface NewBillingEntity extends BillingEntityChanges {
  readonly code: string;
  readonly name: string;
  /** null: it has none. */
  readonly taxCodes: readonly string[] | null;
}

/**
 * Creates a billing entity beside the default one, in the caller's transaction. What the command does not say has the
 * spec's default; the currency is that of the default entity.
 *
 * @throws Refusal 422 `code: value_already_exist` and `document_number_prefix: value_already_exist`; 403
 * `feature_unavailable` beyond 100, and as `refuseEuTaxManagement`.
 */
export async function createBillingEntity(
  em: EntityManager,
  scope: CommandScope & ViesScope,
  { code, name, taxCodes, documentNumberPrefix = null, settings, ...others }: NewBillingEntity,
): Promise<BillingEntity> {
  const { organizationId, now } = scope;
  refuseEuTaxManagement(settings.euTaxManagement === true, settings.country ?? null, 'billing_entity_must_be_in_eu');
  // So that the limit holds and prefixes differ.
  await lockOrganization(em, organizationId);
  const present = await em.find(BillingEntity, {}, { limit: ENTITIES_MAX });
  if (present.some((entity) => entity.code === code)) throw invalid({ code: ['value_already_exist'] });
  if (present.length === ENTITIES_MAX) throw featureUnavailable();
  const id = v7();
  const entity = em.create(BillingEntity, {
    id,
    organizationId,
    code,
    name,
    isDefault: false,
    defaultCurrency: present.find(({ isDefault }) => isDefault)!.defaultCurrency,
    documentNumberPrefix: numberPrefix(documentNumberPrefix, { id, name }, present),
    emailSettings: [],
    createdAt: now,
    updatedAt: now,
    ...settings,
    ...others,
  });
  await em.flush();
  await entityTaxesChanged(em, scope, entity, { taxCodes, euTaxManagement: settings.euTaxManagement });
  return entity;
}
