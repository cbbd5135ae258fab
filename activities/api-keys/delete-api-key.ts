import type { EntityManager } from '@mikro-orm/postgresql';
import { invalid } from '../../billing/refusal.ts';
import { ApiKey } from '../../db/entities/organizations/api-key.ts';
import { findApiKey, lockKeys, type KeyScope } from './lock-keys.ts';

/**
 * Deletes a key in the caller's transaction. The last one that does not expire stays: without it nobody could make
 * another.
 *
 * @throws Refusal 404 `api_key_not_found`; 422 `base: [last_non_expiring_api_key]`; 401 as `lockKeys`.
 */
export async function deleteApiKey(em: EntityManager, scope: KeyScope, id: string): Promise<ApiKey> {
  await lockKeys(em, scope);
  const apiKey = await findApiKey(em, id);
  const isLast = apiKey.expiresAt == null && (await em.count(ApiKey, { expiresAt: null })) === 1;
  if (isLast) throw invalid({ base: ['last_non_expiring_api_key'] });
  await em.nativeDelete(ApiKey, { id: apiKey.id });
  return apiKey;
}
