import type { EntityManager } from '@mikro-orm/postgresql';
import { wantActs, type WantedAct } from '../../db/acts.ts';
import { BillingEntity } from '../../db/entities/billing-entity.ts';
import { Organization } from '../../db/entities/organization.ts';
import { sql } from '../../db/sql.ts';
import { rescheduleAct } from '../../activities/wanted-acts.ts';
import { realTime } from '../clock.ts';
import { saveFirstEndpoint } from '../webhook-endpoints/save-endpoint.ts';
import type { OrganizationSettings } from './schema.ts';
import { entitySettings } from './settings.ts';

export interface UpdatedOrganization {
  readonly organization: Organization;
  readonly entity: BillingEntity;
  /** Written in the same transaction. */
  readonly acts: readonly WantedAct[];
}

/**
 * Changes an organization and its default billing entity, in the caller's transaction. A new time zone wants the act that
 * moves the running periods of every customer without a zone of their own.
 *
 * @param now the organization's clock.
 */
export async function updateOrganization(
  em: EntityManager,
  organizationId: string,
  changes: OrganizationSettings & { readonly name?: string | undefined },
  now: Date,
): Promise<UpdatedOrganization> {
  // Changes take turns. This lock leaves room for the rows that reference the entity: new customers, new invoices.
  await sql(em, 'select id from billing_entities where organization_id = $1 and is_default for no key update', [
    organizationId,
  ]);
  const organization = await em.findOneOrFail(Organization, { id: organizationId });
  const entity = await em.findOneOrFail(BillingEntity, { isDefault: true });
  const { timezone, documentNumbering } = entity;

  em.assign(organization, {
    name: changes.name ?? organization.name,
    slug: changes.slug === undefined ? organization.slug : (changes.slug?.trim().toLowerCase() ?? null),
    updatedAt: now,
  });
  em.assign(entity, { ...entitySettings(changes), name: changes.name ?? entity.name, updatedAt: now });
  await em.flush();
  if (changes.webhook_url) await saveFirstEndpoint(em, { organizationId, now }, changes.webhook_url);

  if (entity.documentNumbering === 'per_billing_entity' && documentNumbering !== 'per_billing_entity') {
    await startEntityNumbering(em, entity);
  }
  if (entity.timezone === timezone) return { organization, entity, acts: [] };
  // Each change needs a run of its own, also a second one at the same frozen moment: real time tells them apart.
  const act = rescheduleAct({ organizationId, billingEntityId: entity.id, now: realTime() });
  await wantActs(em, [act], now);
  return { organization, entity, acts: [act] };
}

/**
 * Numbering per entity goes on after the invoices that are numbered already: those finalized or voided that are not
 * self-billed (spec, subscriptions-and-invoices 6.5). A number given out is never given out again.
 */
async function startEntityNumbering(em: EntityManager, entity: BillingEntity): Promise<void> {
  await sql(
    em,
    `update billing_entities set invoice_sequence = greatest(invoice_sequence, (
       select count(*)::int from invoices
       where organization_id = $1 and billing_entity_id = $2 and status in ('finalized', 'voided') and not self_billed))
     where organization_id = $1 and id = $2`,
    [entity.organizationId, entity.id],
  );
}
