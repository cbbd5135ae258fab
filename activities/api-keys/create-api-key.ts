import type { EntityManager } from '@mikro-orm/postgresql';
import { refusePast } from '../../billing/api-keys/key-life.ts';
import { refuseMoreThanOwn, type Permissions } from '../../billing/api-keys/permissions.ts';
import { lockKeys, type KeyScope } from './lock-keys.ts';
import { newApiKey, type CreatedApiKey } from './new-api-key.ts';

/** A key that is to be made. */
export interface ApiKeyCommand {
  readonly name: string | null;
  /** null: everything. */
  readonly permissions: Permissions;
  /** null: it does not end. */
  readonly expiresAt: Date | null;
}

/**
 * Makes a key in the caller's transaction.
 *
 * @throws Refusal 422 on `expires_at`; 403 for a permission that the caller does not have; 401 as `lockKeys`.
 */
export async function createApiKey(em: EntityManager, scope: KeyScope, command: ApiKeyCommand): Promise<CreatedApiKey> {
  const own = await lockKeys(em, scope);
  refusePast(command.expiresAt, scope.realTime);
  refuseMoreThanOwn(own.permissions, command.permissions);
  const { name, permissions, expiresAt } = command;
  const created = newApiKey(em, {
    organizationId: scope.organizationId,
    name,
    permissions,
    expiresAt,
    createdAt: scope.realTime,
  });
  await em.flush();
  return created;
}
