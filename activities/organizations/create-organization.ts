import type { EntityManager } from '@mikro-orm/postgresql';
import { v7 } from 'uuid';
import { numberPrefix } from '../../billing/organizations/number-prefix.ts';
import { defaultSlug, slugOf } from '../../billing/organizations/slug.ts';
import { refuseEuTaxManagement } from '../../billing/taxes/eu-tax-management.ts';
import { BillingEntity } from '../../db/entities/organizations/billing-entity.ts';
import { Organization } from '../../db/entities/organizations/organization.ts';
import type { WebhookEndpoint } from '../../db/entities/webhooks/webhook-endpoint.ts';
import { newApiKey } from '../api-keys/new-api-key.ts';
import type { AllowedNetworks } from '../webhooks/allowed-networks.ts';
import { insertEndpoint } from '../webhooks/create-endpoint.ts';
import type { IssuerSettings } from './issuer-settings.ts';
import { generateEuTaxes } from '../taxes/generate-eu-taxes.ts';

const DEFAULT_ENTITY_CODE = 'default';
const DEFAULT_CURRENCY = 'EUR';

export interface CreateOrganization {
  readonly name: string;
  /** null or blank: made from name and id. */
  readonly slug: string | null;
  readonly testMode: boolean;
  readonly premiumIntegrations: string[];
  /** Of its default billing entity; null: the default one. */
  readonly documentNumberPrefix: string | null;
  /** Those of its default billing entity. */
  readonly settings: IssuerSettings;
  /** Of its first webhook endpoint; null: none. */
  readonly webhookUrl: string | null;
}

export interface CreatedOrganization {
  readonly organization: Organization;
  readonly entity: BillingEntity;
  readonly endpoints: readonly WebhookEndpoint[];
  /** In clear; only its hash is stored. */
  readonly apiKey: string;
}

/** For whom an organization is created: nobody yet, so it is real time. */
export interface CreationScope {
  /** Real time. The clock of a test-mode organization stands at it. */
  readonly realTime: Date;
  /** Where webhooks may go beside the public internet. */
  readonly allowedNetworks: AllowedNetworks;
}

/**
 * Creates a tenant: organization, default billing entity and one API key that may do everything, in one transaction.
 *
 * @throws Refusal as `refuseEuTaxManagement` and `insertEndpoint`.
 */
export async function createOrganization(
  em: EntityManager,
  { realTime, allowedNetworks }: CreationScope,
  { name, slug, testMode, premiumIntegrations, documentNumberPrefix, settings, webhookUrl }: CreateOrganization,
): Promise<CreatedOrganization> {
  refuseEuTaxManagement(settings.euTaxManagement === true, settings.country ?? null, 'org_must_be_in_eu');
  const id = v7();
  const entityId = v7();
  const times = { createdAt: realTime, updatedAt: realTime };
  return em.transactional(async (transaction) => {
    const organization = transaction.create(Organization, {
      id,
      name,
      slug: slugOf(slug) ?? defaultSlug(name, id),
      testMode,
      clockNow: testMode ? realTime : null,
      premiumIntegrations,
      ...times,
    });
    const entity = transaction.create(BillingEntity, {
      id: entityId,
      organizationId: id,
      code: DEFAULT_ENTITY_CODE,
      name,
      isDefault: true,
      defaultCurrency: DEFAULT_CURRENCY,
      documentNumberPrefix: numberPrefix(documentNumberPrefix, { id: entityId, name }, []),
      emailSettings: [],
      ...times,
      ...settings,
    });
    const key = { organizationId: id, name: null, permissions: null, expiresAt: null, createdAt: realTime };
    const { value } = newApiKey(transaction, key);
    await transaction.flush();
    if (entity.euTaxManagement) await generateEuTaxes(transaction, { organizationId: id, now: realTime, realTime });
    const scope = { organizationId: id, now: realTime, allowedNetworks };
    const endpoints = webhookUrl === null ? [] : [await insertEndpoint(transaction, scope, { webhookUrl })];
    return { organization, entity, endpoints, apiKey: value };
  });
}
