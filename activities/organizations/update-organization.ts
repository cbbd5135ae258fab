import type { EntityManager } from '@mikro-orm/postgresql';
import { slugOf } from '../../billing/organizations/slug.ts';
import type { WantedAct } from '../../db/acts/act.ts';
import type { BillingEntity } from '../../db/entities/organizations/billing-entity.ts';
import { Organization } from '../../db/entities/organizations/organization.ts';
import type { EndpointScope } from '../webhooks/endpoint-command.ts';
import type { ViesScope } from '../taxes/vies-checks.ts';
import { saveFirstEndpoint } from '../webhooks/save-first-endpoint.ts';
import { changeBillingEntity } from './change-billing-entity.ts';
import type { BillingEntityChanges } from './issuer-settings.ts';

export interface UpdateOrganization {
  /** null: none; undefined: it stays. */
  readonly slug: string | null | undefined;
  /** Of the first webhook endpoint, which is made if there is none; null: nothing changes. */
  readonly webhookUrl: string | null;
  /** Those of its default billing entity; the name is both's. */
  readonly changes: BillingEntityChanges;
}

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
  scope: EndpointScope & ViesScope,
  { slug, webhookUrl, changes }: UpdateOrganization,
): Promise<UpdatedOrganization> {
  const { organizationId, now } = scope;
  const command = { code: null, notInEu: 'org_must_be_in_eu', taxCodes: null, changes } as const;
  const { entity, acts } = await changeBillingEntity(em, scope, command);
  const organization = await em.findOneOrFail(Organization, { id: organizationId }, { refresh: true });
  em.assign(organization, {
    name: changes.name ?? organization.name,
    slug: slug === undefined ? organization.slug : slugOf(slug),
    updatedAt: now,
  });
  await em.flush();
  if (webhookUrl !== null) await saveFirstEndpoint(em, scope, webhookUrl);
  return { organization, entity, acts };
}
