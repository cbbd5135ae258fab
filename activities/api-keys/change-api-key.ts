import type { EntityManager } from '@mikro-orm/postgresql';
import { refuseMoreThanOwn, type Permissions } from '../../billing/api-keys/permissions.ts';
import type { ApiKey } from '../../db/entities/organizations/api-key.ts';
import { findApiKey, lockKeys, type KeyScope } from './lock-keys.ts';

/** What is to become of a key; what is absent stays. */
export interface ApiKeyChange {
  readonly name?: string | null;
  /** null: everything. */
  readonly permissions?: Permissions;
}

/**
 * Changes a key's name and permissions in the caller's transaction.
 *
 * @throws Refusal 404 `api_key_not_found`; 403 for a permission that the caller does not have; 401 as `lockKeys`.
 */
export async function changeApiKey(
  em: EntityManager,
  scope: KeyScope,
  id: string,
  change: ApiKeyChange,
): Promise<ApiKey> {
  const own = await lockKeys(em, scope);
  const apiKey = await findApiKey(em, id);
  if (change.permissions !== undefined) refuseMoreThanOwn(own.permissions, change.permissions);
  em.assign(apiKey, change);
  await em.flush();
  return apiKey;
}
