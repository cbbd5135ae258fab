import type { ApiKey } from '../../db/entities/api-key.ts';
import { datetime } from '../../shapes/formats.ts';
import { everyPermission } from './permissions.ts';
import type { ApiKeyJson } from './schema.ts';

/** Only the hash of a key is stored, so its value can be shown once, by whoever has just made it. */
export const apiKeyJson = (apiKey: ApiKey, value = `••••••••${apiKey.lastFour}`): ApiKeyJson => ({
  lago_id: apiKey.id,
  name: apiKey.name ?? null,
  value,
  permissions: everyPermission(apiKey.permissions),
  expires_at: datetime(apiKey.expiresAt),
  last_used_at: datetime(apiKey.lastUsedAt),
  created_at: datetime(apiKey.createdAt),
});
