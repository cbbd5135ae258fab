import type { EntityManager } from '@mikro-orm/postgresql';
import { startEntityNumbering } from '../../activities/invoices/entity-numbering.ts';
import { notFound } from '../../billing/refusal.ts';
import type { WantedAct } from '../../db/acts/acts.ts';
import { BillingEntity } from '../../db/entities/billing-entity.ts';
import { sql } from '../../db/sql.ts';
import { given } from '../organizations/given-attributes.ts';
import { entitySettings, refuseUnavailableSettings, type IssuerSettings } from '../organizations/settings.ts';
import { numberPrefix } from './number-prefix.ts';
import { settingsChanged } from './settings-changed.ts';

/** How long a change waits for the invoices that are just being numbered, and for another change. */
const LOCK_WAIT = '2s';

/** Which entity is changed, and how the endpoint speaks of it. */
export interface EntityToChange {
  readonly organizationId: string;
  /** null: the default one. */
  readonly code: string | null;
  readonly notInEu: 'org_must_be_in_eu' | 'billing_entity_must_be_in_eu';
  /** The organization's clock. */
  readonly now: Date;
}

export type EntityChanges = IssuerSettings & {
  readonly name?: string | undefined;
  readonly einvoicing?: boolean | undefined;
  /** A data URL; null: none. */
  readonly logo?: string | null | undefined;
};

/**
 * Changes a billing entity in the caller's transaction, whichever endpoint asks, and wants the acts that follow for what has been
 * made under the settings of before.
 *
 * @throws Refusal 404 `billing_entity_not_found`, 422 `lock_acquisition_failed` and `document_number_prefix: value_already_exist`,
 * and as `refuseUnavailableSettings`.
 */
export async function changeBillingEntity(
  em: EntityManager,
  { organizationId, code, notInEu, now }: EntityToChange,
  changes: EntityChanges,
): Promise<{ readonly entity: BillingEntity; readonly acts: readonly WantedAct[] }> {
  const entity = await lockBillingEntity(em, organizationId, code);
  refuseUnavailableSettings(changes, entity.country ?? null, notInEu);
  const before = { ...entity };
  const name = changes.name ?? entity.name;
  em.assign(entity, {
    ...entitySettings(changes),
    ...(await changedPrefix(em, entity, changes.document_number_prefix, name)),
    ...given({ einvoicing: changes.einvoicing, logoUrl: changes.logo }),
    name,
    updatedAt: now,
  });
  await em.flush();
  if (entity.documentNumbering === 'per_billing_entity' && before.documentNumbering !== 'per_billing_entity') {
    await startEntityNumbering(em, entity);
  }
  return { entity, acts: await settingsChanged(em, before, entity, now) };
}

/** The prefix that a change asks for; an entity that has given numbers keeps the one that they have from everybody else. */
async function changedPrefix(
  em: EntityManager,
  entity: BillingEntity,
  asked: string | null | undefined,
  name: string,
): Promise<Partial<BillingEntity>> {
  if (asked === undefined) return {};
  const { id, organizationId, documentNumberPrefix, formerNumberPrefixes } = entity;
  // Whoever gives an entity a prefix holds the organization's row, so that the others' stay as they are meanwhile.
  await sql(em, 'select id from organizations where id = $1 for no key update', [organizationId]);
  const others = await em.find(BillingEntity, { id: { $ne: id } }, { refresh: true });
  const prefix = numberPrefix(asked, { id, name }, others);
  if (prefix === documentNumberPrefix) return {};
  const [numbered] = await sql(em, 'select 1 from invoice_sequences where billing_entity_id = $1 limit 1', [id]);
  const former = numbered ? [...formerNumberPrefixes, documentNumberPrefix] : formerNumberPrefixes;
  return { documentNumberPrefix: prefix, formerNumberPrefixes: [...new Set(former)] };
}

/**
 * Changes of one entity take turns, and none passes between an invoice's number and its commit (`entity-numbering.ts`). Rows that
 * reference the entity do not wait: new customers, new invoices.
 */
async function lockBillingEntity(
  em: EntityManager,
  organizationId: string,
  code: string | null,
): Promise<BillingEntity> {
  await sql(em, `select set_config('lock_timeout', $1, true)`, [LOCK_WAIT]);
  const [row] = await sql<{ id: string }>(
    em,
    `select id from billing_entities where organization_id = $1 and case when $2::text is null then is_default else code = $2 end
     for no key update`,
    [organizationId, code],
  );
  if (!row) throw notFound('billing_entity');
  return em.findOneOrFail(BillingEntity, { id: row.id }, { refresh: true, populate: ['logoUrl'] });
}
