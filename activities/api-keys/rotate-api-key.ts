import type { EntityManager } from '@mikro-orm/postgresql';
import { endOfRotated, isExpired, refusePast } from '../../billing/api-keys/key-life.ts';
import { refuseMoreThanOwn } from '../../billing/api-keys/permissions.ts';
import { notAllowed } from '../../billing/refusal.ts';
import { findApiKey, lockKeys, type KeyScope } from './lock-keys.ts';
import { newApiKey, type CreatedApiKey } from './new-api-key.ts';

/** How a key is replaced. */
export interface Rotation {
  /** The new key's; absent: that of the old one. */
  readonly name?: string | null;
  /** When the old key ends; null: at once. */
  readonly endsAt: Date | null;
}

/**
 * Replaces a key in the caller's transaction: a new one, with default permissions, takes its place, and the old one
 * ends at once or at a later moment, never later than it would have (spec, api 1.1).
 *
 * @throws Refusal 404 `api_key_not_found`; 405 `api_key_expired`; 422 on `expires_at`; 403 for a caller that may not do
 * everything, since the new key may; 401 as `lockKeys`.
 */
export async function rotateApiKey(
  em: EntityManager,
  scope: KeyScope,
  id: string,
  { name, endsAt }: Rotation,
): Promise<CreatedApiKey> {
  const { organizationId, realTime } = scope;
  const own = await lockKeys(em, scope);
  const old = await findApiKey(em, id);
  if (isExpired(old.expiresAt, realTime)) throw notAllowed('api_key_expired');
  refusePast(endsAt, realTime);
  refuseMoreThanOwn(own.permissions, null);
  const created = newApiKey(em, {
    organizationId,
    name: name === undefined ? (old.name ?? null) : name,
    permissions: null,
    expiresAt: null,
    createdAt: realTime,
  });
  old.expiresAt = endOfRotated(old.expiresAt, endsAt, realTime);
  await em.flush();
  return created;
}
