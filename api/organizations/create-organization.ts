import type { EntityManager } from '@mikro-orm/postgresql';
import { v7 } from 'uuid';
import { BillingEntity } from '../../db/entities/billing-entity.ts';
import { Organization } from '../../db/entities/organization.ts';
import type { WebhookEndpoint } from '../../db/entities/webhook-endpoint.ts';
import { newApiKey } from '../../activities/api-keys/new-api-key.ts';
import { numberPrefix } from '../../billing/organizations/number-prefix.ts';
import { defaultSlug, slugOf } from '../../billing/organizations/slug.ts';
import { refuseEuTaxManagement } from '../../billing/taxes/eu-tax-management.ts';
import { insertEndpoint } from '../../activities/webhooks/create-endpoint.ts';
import type { EndpointScope } from '../../activities/webhooks/endpoint-command.ts';
import type { NewOrganization } from './schema.ts';
import { toEntityChanges } from './to-command.ts';

const DEFAULT_ENTITY_CODE = 'default';
const DEFAULT_CURRENCY = 'EUR';

export interface CreatedOrganization {
  readonly organization: Organization;
  readonly entity: BillingEntity;
  readonly endpoints: readonly WebhookEndpoint[];
  /** In clear; only its hash is stored. */
  readonly apiKey: string;
}

/**
 * Creates a tenant: organization, default billing entity and one API key that may do everything, in one transaction.
 *
 * @param scope with real time. The clock of a test-mode organization stands still at it.
 * @throws Refusal as `refuseEuTaxManagement` and `insertEndpoint`.
 */
export async function createOrganization(
  em: EntityManager,
  input: NewOrganization,
  { now, allowedNetworks }: Pick<EndpointScope, 'now' | 'allowedNetworks'>,
): Promise<CreatedOrganization> {
  const { settings } = toEntityChanges(input);
  refuseEuTaxManagement(settings.euTaxManagement === true, settings.country ?? null, 'org_must_be_in_eu');
  const id = v7();
  const entityId = v7();
  const times = { createdAt: now, updatedAt: now };
  return em.transactional(async (transaction) => {
    const organization = transaction.create(Organization, {
      id,
      name: input.name,
      slug: slugOf(input.slug ?? null) ?? defaultSlug(input.name, id),
      testMode: input.test_mode,
      clockNow: input.test_mode ? now : null,
      premiumIntegrations: input.premium_integrations,
      ...times,
    });
    // The rows that follow reference it.
    await transaction.flush();
    const entity = transaction.create(BillingEntity, {
      id: entityId,
      organizationId: id,
      code: DEFAULT_ENTITY_CODE,
      name: input.name,
      isDefault: true,
      defaultCurrency: DEFAULT_CURRENCY,
      documentNumberPrefix: numberPrefix(input.document_number_prefix ?? null, { id: entityId, name: input.name }, []),
      emailSettings: [],
      ...times,
      ...settings,
    });
    const key = { organizationId: id, name: null, permissions: null, expiresAt: null, createdAt: now };
    const { value } = newApiKey(transaction, key);
    await transaction.flush();
    const endpoints = input.webhook_url
      ? [
          await insertEndpoint(
            transaction,
            { organizationId: id, now, allowedNetworks },
            { webhookUrl: input.webhook_url },
          ),
        ]
      : [];
    return { organization, entity, endpoints, apiKey: value };
  });
}
