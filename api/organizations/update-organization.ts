import type { EntityManager } from '@mikro-orm/postgresql';
import type { WantedAct } from '../../db/acts/act.ts';
import type { BillingEntity } from '../../db/entities/billing-entity.ts';
import { Organization } from '../../db/entities/organization.ts';
import { changeBillingEntity } from '../../activities/organizations/change-billing-entity.ts';
import { realTime } from '../http/clock.ts';
import { saveFirstEndpoint } from '../../activities/webhooks/save-first-endpoint.ts';
import type { EndpointScope } from '../../activities/webhooks/endpoint-command.ts';
import type { OrganizationSettings } from './schema.ts';
import { slugOf } from '../../billing/organizations/slug.ts';
import { toEntityChanges } from './to-command.ts';

export interface UpdatedOrganization {
  readonly organization: Organization;
  readonly entity: BillingEntity;
  /** Written in the same transaction. */
  readonly acts: readonly WantedAct[];
}

/**
 * Changes an organization and its default billing entity, in the caller's transaction.
 *
 * @throws Refusal as `changeBillingEntity` and `saveFirstEndpoint`.
 */
export async function updateOrganization(
  em: EntityManager,
  scope: EndpointScope,
  changes: OrganizationSettings & { readonly name?: string | undefined },
): Promise<UpdatedOrganization> {
  const { organizationId, now } = scope;
  const { entity, acts } = await changeBillingEntity(
    em,
    { organizationId, now, realTime: realTime() },
    { code: null, notInEu: 'org_must_be_in_eu', changes: toEntityChanges(changes) },
  );
  const organization = await em.findOneOrFail(Organization, { id: organizationId }, { refresh: true });
  em.assign(organization, {
    name: changes.name ?? organization.name,
    slug: changes.slug === undefined ? organization.slug : slugOf(changes.slug),
    updatedAt: now,
  });
  await em.flush();
  if (changes.webhook_url) await saveFirstEndpoint(em, scope, changes.webhook_url);
  return { organization, entity, acts };
}
