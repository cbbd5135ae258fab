import type { EntityManager } from '@mikro-orm/postgresql';
import { isExpired } from '../../billing/api-keys/key-life.ts';
import { notFound, unauthorized } from '../../billing/refusal.ts';
import { ApiKey } from '../../db/entities/organizations/api-key.ts';
import { findById } from '../../db/queries/find-by-id.ts';
import { lockOrganization } from '../../db/queries/organizations/lock-organization.ts';
import type { CommandScope } from '../command-scope.ts';

/** Keys live in real time, under a test clock too: who is locked out cannot move the clock. */
export interface KeyScope extends CommandScope {
  /** The key of the request, as it was when the request began. */
  readonly apiKeyId: string;
}

/**
 * Has changes of an organization's keys take turns until the end of the transaction, so that two cannot each delete the
 * last key but one, and that a key which has just lost a permission, or has ended, gives it to nobody.
 *
 * @returns the caller's key as it is now.
 * @throws Refusal 401 when it is gone or has expired meanwhile.
 */
export async function lockKeys(em: EntityManager, { organizationId, apiKeyId, realTime }: KeyScope): Promise<ApiKey> {
  await lockOrganization(em, organizationId);
  const own = await findById(em, ApiKey, apiKeyId, { refresh: true });
  if (!own || isExpired(own.expiresAt, realTime)) throw unauthorized();
  return own;
}

/** @throws Refusal 404 `api_key_not_found`. */
export async function findApiKey(em: EntityManager, id: string): Promise<ApiKey> {
  const apiKey = await findById(em, ApiKey, id, { refresh: true });
  if (!apiKey) throw notFound('api_key');
  return apiKey;
}
