import { createHash, timingSafeEqual } from 'node:crypto';
import type { EntityManager } from '@mikro-orm/postgresql';
import type { ApiKey } from '../../db/entities/organizations/api-key.ts';
import { callerOfKey, type KeyOwner } from '../../db/queries/api-keys/caller-of-key.ts';
import { isExpired } from '../../billing/api-keys/key-life.ts';
import { hashOfKey } from '../../db/hash-of-key.ts';
import { noteKeyUse } from '../../activities/api-keys/note-key-use.ts';
import { forbidden, unauthorized } from '../../billing/refusal.ts';

export type Caller = KeyOwner;

/** Only the second word of the header counts (spec, api 1.1). */
export const secondWord = (header: string | undefined): string | undefined => header?.trim().split(/\s+/)[1];

/**
 * Finds who asks.
 *
 * @param now real time: a key expires in real time, also in a test-mode organization.
 * @throws Refusal 401 for a missing, unknown or expired key.
 */
export async function authenticate(em: EntityManager, authorization: string | undefined, now: Date): Promise<Caller> {
  const key = secondWord(authorization);
  if (key === undefined) throw unauthorized();
  const caller = await callerOfKey(em, hashOfKey(key));
  if (!caller || isExpired(caller.apiKey.expiresAt, now)) throw unauthorized();
  await noteKeyUse(em, caller.apiKey, now);
  return caller;
}

/** @throws Refusal 403 `<mode>_action_not_allowed_for_<resource>` (spec, api 1.1). */
export function authorize(apiKey: ApiKey, resource: string, method: string): void {
  const mode = /^(get|head)$/i.test(method) ? 'read' : 'write';
  if (apiKey.permissions && !apiKey.permissions[resource]?.includes(mode)) {
    throw forbidden(`${mode}_action_not_allowed_for_${resource}`);
  }
}

/** Whether a request holds the admin key. Compared in constant time. */
export function isAdmin(authorization: string | undefined, adminKey: string): boolean {
  const given = createHash('sha256')
    .update(secondWord(authorization) ?? '')
    .digest();
  return timingSafeEqual(given, createHash('sha256').update(adminKey).digest());
}
