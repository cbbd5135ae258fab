import type { EntityManager } from '@mikro-orm/postgresql';
import { numberPrefix } from '../../billing/organizations/number-prefix.ts';
import { refuseEuTaxManagement, type NotInEu } from '../../billing/taxes/eu-tax-management.ts';
import type { WantedAct } from '../../db/acts/act.ts';
import { BillingEntity } from '../../db/entities/organizations/billing-entity.ts';
import { holdBillingEntity } from '../../db/queries/organizations/billing-entities.ts';
import { hasGivenNumbers } from '../../db/queries/organizations/given-numbers.ts';
import { lockOrganization } from '../../db/queries/organizations/lock-organization.ts';
import type { CommandScope } from '../command-scope.ts';
import { startEntityNumbering } from '../invoices/entity-numbering.ts';
import type { BillingEntityChanges } from './issuer-settings.ts';
import { entityTaxesChanged } from '../taxes/entity-taxes-changed.ts';
import type { ViesScope } from '../taxes/vies-checks.ts';
import { settingsChanged } from './settings-changed.ts';

/** Which entity is changed, how, and how the endpoint speaks of it. */
export interface ChangeBillingEntity {
  /** null: the default one. */
  readonly code: string | null;
  readonly notInEu: NotInEu;
  /** Of all its taxes; null: they stay as they are. */
  readonly taxCodes: readonly string[] | null;
  readonly changes: BillingEntityChanges;
}

/**
 * Changes a billing entity in the caller's transaction, whichever endpoint asks, and wants the acts that follow for
 * what has been made under the settings of before.
 *
 * @throws Refusal 404 `billing_entity_not_found`, `tax_not_found`, 422 `lock_acquisition_failed` and
 * `document_number_prefix: value_already_exist`, and as `refuseEuTaxManagement`.
 */
export async function changeBillingEntity(
  em: EntityManager,
  scope: ViesScope & CommandScope,
  {
    code,
    notInEu,
    taxCodes,
    changes: { name: newName, documentNumberPrefix, settings, ...others },
  }: ChangeBillingEntity,
): Promise<{ readonly entity: BillingEntity; readonly acts: readonly WantedAct[] }> {
  const entity = await holdBillingEntity(em, scope.organizationId, code);
  const { country = entity.country ?? null } = settings;
  refuseEuTaxManagement(settings.euTaxManagement ?? entity.euTaxManagement, country, notInEu);
  const before = { ...entity };
  const name = newName ?? entity.name;
  em.assign(entity, {
    ...settings,
    ...(await changedPrefix(em, entity, documentNumberPrefix, name)),
    ...others,
    name,
    updatedAt: scope.now,
  });
  await em.flush();
  if (entity.documentNumbering === 'per_billing_entity' && before.documentNumbering !== 'per_billing_entity') {
    await startEntityNumbering(em, entity);
  }
  const acts = [
    ...(await settingsChanged(em, scope, before, entity)),
    ...(await entityTaxesChanged(em, scope, entity, { taxCodes, euTaxManagement: settings.euTaxManagement })),
  ];
  return { entity, acts };
}

/**
 * The prefix that a change asks for; an entity that has given numbers keeps the one that they have from everybody else.
 */
async function changedPrefix(
  em: EntityManager,
  entity: BillingEntity,
  asked: string | null | undefined,
  name: string,
): Promise<Partial<BillingEntity>> {
  if (asked === undefined) return {};
  const { id, organizationId, documentNumberPrefix, formerNumberPrefixes } = entity;
  // Prefixes are given under the organization's lock, so that those of the other entities stay as they are meanwhile.
  await lockOrganization(em, organizationId);
  const others = await em.find(BillingEntity, { id: { $ne: id } }, { refresh: true });
  const prefix = numberPrefix(asked, { id, name }, others);
  if (prefix === documentNumberPrefix) return {};
  const former = (await hasGivenNumbers(em, id))
    ? [...formerNumberPrefixes, documentNumberPrefix]
    : formerNumberPrefixes;
  return { documentNumberPrefix: prefix, formerNumberPrefixes: [...new Set(former)] };
}
