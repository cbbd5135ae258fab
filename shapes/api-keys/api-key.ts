import { z } from 'zod';
import { PERMISSION_MODES, PERMISSION_RESOURCES } from '../../billing/api-keys/permission-resources.ts';
import { everyPermission } from '../../billing/api-keys/permissions.ts';
import type { ApiKey } from '../../db/entities/organizations/api-key.ts';
import { datetime } from '../formats.ts';

const text = z.string().nullable();

const modes = z
  .array(z.enum(PERMISSION_MODES))
  .refine((given) => new Set(given).size === given.length, 'value_is_invalid');

/** Resource to modes, as requests give them and answers show them. */
export const permissionsSchema = z.partialRecord(z.enum(PERMISSION_RESOURCES), modes);

export const apiKeySchema = z
  .strictObject({
    lago_id: z.uuid(),
    name: text,
    value: z.string().meta({
      description: 'In full when the key is made, and never again; then its last four characters.',
      examples: ['••••••••1a2b'],
    }),
    permissions: permissionsSchema,
    expires_at: text.meta({ format: 'date-time' }),
    last_used_at: text.meta({ format: 'date-time', description: 'Noted once an hour.' }),
    created_at: z.string().meta({ format: 'date-time' }),
  })
  .meta({ id: 'ApiKey' });

/** @param value in clear: only the answer that makes a key can show it, since only its hash is stored. */
export const apiKeyJson = (apiKey: ApiKey, value = `••••••••${apiKey.lastFour}`): z.infer<typeof apiKeySchema> => ({
  lago_id: apiKey.id,
  name: apiKey.name ?? null,
  value,
  permissions: everyPermission(apiKey.permissions),
  expires_at: datetime(apiKey.expiresAt),
  last_used_at: datetime(apiKey.lastUsedAt),
  created_at: datetime(apiKey.createdAt),
});
