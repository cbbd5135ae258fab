import { forbidden } from '../refusal.ts';
import {
  PERMISSION_MODES,
  PERMISSION_RESOURCES,
  type PermissionMode,
  type PermissionResource,
} from './permission-resources.ts';

/**
 * Resource to its allowed modes. A resource that is not named may not be used; null: everything, what comes later
 * included.
 */
export type Permissions = Readonly<Partial<Record<string, readonly PermissionMode[]>>> | null;

/**
 * What a key may do, with every resource named: `{ plan: ['read'] }` has no mode for any other resource, null has both
 * for all.
 */
export function everyPermission(permissions: Permissions | undefined): Record<PermissionResource, PermissionMode[]> {
  const modesOf = (resource: PermissionResource): PermissionMode[] =>
    permissions ? PERMISSION_MODES.filter((mode) => permissions[resource]?.includes(mode)) : [...PERMISSION_MODES];
  return Object.fromEntries(PERMISSION_RESOURCES.map((resource) => [resource, modesOf(resource)])) as Record<
    PermissionResource,
    PermissionMode[]
  >;
}

/**
 * A key gives nobody what it may not do itself, not to itself either: a key with `{ plan: ['read'] }` makes none with
 * `{ plan: ['read', 'write'] }`.
 *
 * @throws Refusal 403 `<mode>_action_not_allowed_for_<resource>`: the first that the caller does not have.
 */
export function refuseMoreThanOwn(own: Permissions | undefined, asked: Permissions | undefined): void {
  if (!own) return;
  for (const [resource, modes] of Object.entries(everyPermission(asked))) {
    const missing = modes.find((mode) => !own[resource]?.includes(mode));
    if (missing) throw forbidden(`${missing}_action_not_allowed_for_${resource}`);
  }
}
