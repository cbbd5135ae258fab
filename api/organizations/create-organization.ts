import { randomUUID } from 'node:crypto';
import type { EntityManager } from '@mikro-orm/postgresql';
import { v7 } from 'uuid';
import { ApiKey } from '../../db/entities/api-key.ts';
import { BillingEntity } from '../../db/entities/billing-entity.ts';
import { Organization } from '../../db/entities/organization.ts';
import type { WebhookEndpoint } from '../../db/entities/webhook-endpoint.ts';
import { hashOfKey } from '../authentication.ts';
import { insertEndpoint } from '../webhook-endpoints/save-endpoint.ts';
import type { NewOrganization } from './schema.ts';
import { entitySettings } from './settings.ts';

const DEFAULT_ENTITY_CODE = 'default';
const DEFAULT_CURRENCY = 'EUR';

/** `ACM-1A2B`: the first three letters of the name and the end of the id (spec, subscriptions-and-invoices 6.5). */
function defaultPrefix(name: string, id: string): string {
  const letters = name.toUpperCase().match(/[\p{L}\p{N}]/gu) ?? ['ORG'];
  return `${letters.slice(0, 3).join('')}-${id.slice(-4).toUpperCase()}`;
}

function defaultSlug(name: string, id: string): string {
  const words = name.toLowerCase().match(/[\p{L}\p{N}]+/gu) ?? ['organization'];
  return `${words.join('-').slice(0, 100)}-${id.slice(-4)}`;
}

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
 * @param now real time. The clock of a test-mode organization stands still at it.
 */
export async function createOrganization(
  em: EntityManager,
  input: NewOrganization,
  now: Date,
): Promise<CreatedOrganization> {
  const id = v7();
  const entityId = v7();
  const apiKey = randomUUID();
  const times = { createdAt: now, updatedAt: now };
  return em.transactional(async (transaction) => {
    const organization = transaction.create(Organization, {
      id,
      name: input.name,
      slug: input.slug?.trim().toLowerCase() ?? defaultSlug(input.name, id),
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
      documentNumberPrefix: defaultPrefix(input.name, entityId),
      emailSettings: [],
      ...times,
      ...entitySettings(input),
    });
    transaction.create(ApiKey, {
      id: v7(),
      organizationId: id,
      sha256: hashOfKey(apiKey),
      lastFour: apiKey.slice(-4),
      createdAt: now,
    });
    await transaction.flush();
    const endpoints = input.webhook_url
      ? [await insertEndpoint(transaction, { organizationId: id, now }, { webhook_url: input.webhook_url })]
      : [];
    return { organization, entity, endpoints, apiKey };
  });
}
