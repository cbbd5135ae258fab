import { forbidden } from '../../billing/refusal.ts';
import type { ApiKey } from '../../db/entities/api-key.ts';
import {
  PERMISSION_MODES,
  PERMISSION_RESOURCES,
  type PermissionMode,
  type PermissionResource,
} from '../http/permission-resources.ts';

/** Resource to modes; null: everything, what comes with later versions included. */
export type Permissions = ApiKey['permissions'];

/** What a key may do, with every resource named. */
export function everyPermission(permissions: Permissions | undefined): Record<PermissionResource, PermissionMode[]> {
  const modesOf = (resource: PermissionResource): PermissionMode[] =>
    permissions ? PERMISSION_MODES.filter((mode) => permissions[resource]?.includes(mode)) : [...PERMISSION_MODES];
  return Object.fromEntries(PERMISSION_RESOURCES.map((resource) => [resource, modesOf(resource)])) as Record<
    PermissionResource,
    PermissionMode[]
  >;
}

/**
 * A key gives nobody what it may not do itself, not to itself either.
 *
 * @throws Refusal 403 `<mode>_action_not_allowed_for_<resource>`: the first that the caller does not have.
 */
export function refuseMoreThanOwn(own: Permissions | undefined, wished: Permissions | undefined): void {
  if (!own) return;
  for (const [resource, modes] of Object.entries(everyPermission(wished))) {
    const missing = modes.find((mode) => !own[resource]?.includes(mode));
    if (missing) throw forbidden(`${missing}_action_not_allowed_for_${resource}`);
  }
}
