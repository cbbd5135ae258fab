import type { EntityManager } from '@mikro-orm/postgresql';
import { invalid, notAllowed, notFound } from '../../billing/refusal.ts';
import { ApiKey } from '../../db/entities/api-key.ts';
import { sql } from '../../db/sql.ts';
import { Unauthorized } from '../http/authentication.ts';
import { newApiKey, type CreatedApiKey } from './new-api-key.ts';
import { refuseMoreThanOwn } from './permissions.ts';
import type { ApiKeyInput, ApiKeyRotation, ApiKeyUpdate } from './schema.ts';

/** Who asks. Keys live in real time, under a test clock too: whoever is locked out cannot move the clock. */
export interface Asking {
  readonly organizationId: string;
  /** The key of the request, as it was when the request began. */
  readonly apiKeyId: string;
  readonly realNow: Date;
}

/**
 * Changes of one organization's keys take turns, so that two cannot each delete the last key but one, and a key that has just
 * lost a permission or its life gives it to nobody.
 *
 * @returns the caller's key as it is now.
 * @throws Unauthorized when it is gone or has expired meanwhile.
 */
async function lockKeys(em: EntityManager, { organizationId, apiKeyId, realNow }: Asking): Promise<ApiKey> {
  await sql(em, 'select 1 from organizations where id = $1 for no key update', [organizationId]);
  const own = await em.findOne(ApiKey, { id: apiKeyId }, { refresh: true });
  if (!own || isExpired(own, realNow)) throw new Unauthorized();
  return own;
}

const isExpired = ({ expiresAt }: ApiKey, realNow: Date): boolean => expiresAt != null && expiresAt <= realNow;

const withoutBlanks = (text: string | null | undefined): string | null => (text?.trim() ? text.trim() : null);

/** @throws Refusal 422 `expires_at: [invalid_date]`. */
function refusePast(expiresAt: Date | null | undefined, realNow: Date): void {
  if (expiresAt && expiresAt <= realNow) throw invalid({ expires_at: ['invalid_date'] });
}

/** @throws Refusal 404 `api_key_not_found`. */
async function findKey(em: EntityManager, id: string): Promise<ApiKey> {
  const apiKey = await findApiKey(em, id);
  if (!apiKey) throw notFound('api_key');
  return apiKey;
}

const UUID = /^[\da-f]{8}(-[\da-f]{4}){3}-[\da-f]{12}$/i;

export const findApiKey = async (em: EntityManager, id: string): Promise<ApiKey | null> =>
  UUID.test(id) ? em.findOne(ApiKey, { id }, { refresh: true }) : null;

/** Makes a key. @throws Refusal 422 on `expires_at`; 403 for a permission that the caller does not have. */
export async function createApiKey(em: EntityManager, asking: Asking, input: ApiKeyInput): Promise<CreatedApiKey> {
  const { organizationId, realNow } = asking;
  const own = await lockKeys(em, asking);
  refusePast(input.expires_at, realNow);
  const permissions = input.permissions ?? null;
  refuseMoreThanOwn(own.permissions, permissions);
  const created = newApiKey(em, {
    organizationId,
    name: withoutBlanks(input.name),
    permissions,
    expiresAt: input.expires_at ?? null,
    createdAt: realNow,
  });
  await em.flush();
  return created;
}

/**
 * Changes a key's name and permissions, as far as they are given.
 *
 * @throws Refusal 404 `api_key_not_found`; 403 for a permission that the caller does not have.
 */
export async function updateApiKey(
  em: EntityManager,
  asking: Asking,
  id: string,
  { name, permissions }: ApiKeyUpdate,
): Promise<ApiKey> {
  const own = await lockKeys(em, asking);
  const apiKey = await findKey(em, id);
  if (permissions !== undefined) refuseMoreThanOwn(own.permissions, permissions);
  em.assign(apiKey, {
    ...(name !== undefined && { name: withoutBlanks(name) }),
    ...(permissions !== undefined && { permissions }),
  });
  await em.flush();
  return apiKey;
}

/** @throws Refusal 404 `api_key_not_found`; 422 `base: [last_non_expiring_api_key]`. */
export async function deleteApiKey(em: EntityManager, asking: Asking, id: string): Promise<ApiKey> {
  await lockKeys(em, asking);
  const apiKey = await findKey(em, id);
  const isLast = apiKey.expiresAt == null && (await em.count(ApiKey, { expiresAt: null })) === 1;
  if (isLast) throw invalid({ base: ['last_non_expiring_api_key'] });
  await em.nativeDelete(ApiKey, { id: apiKey.id });
  return apiKey;
}

/**
 * Gives a key a new value: a new key, with default permissions, takes its place, and the old one ends at once or at a later
 * moment, never later than it would have (spec, api 1.1).
 *
 * @throws Refusal 404 `api_key_not_found`; 405 `api_key_expired`; 422 on `expires_at`; 403 for a caller that may not do
 * everything, since the new key may.
 */
export async function rotateApiKey(
  em: EntityManager,
  asking: Asking,
  id: string,
  { name, expires_at: endsAt }: ApiKeyRotation,
): Promise<CreatedApiKey> {
  const { organizationId, realNow } = asking;
  const own = await lockKeys(em, asking);
  const old = await findKey(em, id);
  if (isExpired(old, realNow)) throw notAllowed('api_key_expired');
  refusePast(endsAt, realNow);
  refuseMoreThanOwn(own.permissions, null);
  const created = newApiKey(em, {
    organizationId,
    name: name === undefined ? (old.name ?? null) : withoutBlanks(name),
    permissions: null,
    expiresAt: null,
    createdAt: realNow,
  });
  const wished = endsAt ?? realNow;
  old.expiresAt = old.expiresAt && old.expiresAt < wished ? old.expiresAt : wished;
  await em.flush();
  return created;
}
