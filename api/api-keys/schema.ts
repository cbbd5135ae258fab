import { z } from 'zod';
import { instant } from '../http/instants.ts';
import { metaSchema, pageQuery } from '../http/pagination.ts';
import { PERMISSION_MODES, PERMISSION_RESOURCES } from '../http/permission-resources.ts';
import { optionalText } from '../http/validation.ts';

const modes = z
  .array(z.enum(PERMISSION_MODES))
  .refine((given) => new Set(given).size === given.length, 'value_is_invalid');

const permissions = z.partialRecord(z.enum(PERMISSION_RESOURCES), modes);

const permissionsInput = permissions.nullish().meta({
  description: 'Resource to `read`, `write` or both; a resource that is not named may not be used. Absent: everything.',
  examples: [{ customer: ['read', 'write'], invoice: ['read'] }],
});

const expiresAt = instant()
  .nullish()
  .meta({ override: { type: ['string', 'null'], format: 'date-time' }, description: 'In the future.' });

export const apiKeyInput = z
  .object({ name: optionalText(), permissions: permissionsInput, expires_at: expiresAt })
  .meta({ id: 'ApiKeyInput' });

export type ApiKeyInput = z.infer<typeof apiKeyInput>;

/** What expires is rotated or deleted, so the moment is not to be changed. */
export const apiKeyUpdate = z
  .object({ name: optionalText(), permissions: permissionsInput })
  .meta({ id: 'ApiKeyUpdateInput' });

export type ApiKeyUpdate = z.infer<typeof apiKeyUpdate>;

export const apiKeyRotation = z
  .object({
    name: optionalText().meta({ description: "The new key's; the old one's unless given." }),
    expires_at: expiresAt.meta({ description: 'When the old key ends; at once unless given.' }),
  })
  .meta({ id: 'ApiKeyRotationInput' });

export type ApiKeyRotation = z.infer<typeof apiKeyRotation>;

/** The body of a rotation may be left out. */
export const apiKeyRotationBody = z.object({ api_key: apiKeyRotation.nullish() }).nullish();

const text = z.string().nullable();

export const apiKeySchema = z
  .strictObject({
    lago_id: z.uuid(),
    name: text,
    value: z.string().meta({
      description: 'In full when the key is made, and never again; then its last four characters.',
      examples: ['••••••••1a2b'],
    }),
    permissions,
    expires_at: text.meta({ format: 'date-time' }),
    last_used_at: text.meta({ format: 'date-time', description: 'Noted once an hour.' }),
    created_at: z.string().meta({ format: 'date-time' }),
  })
  .meta({ id: 'ApiKey' });

export type ApiKeyJson = z.infer<typeof apiKeySchema>;

export const apiKeyAnswer = z.strictObject({ api_key: apiKeySchema });
export const apiKeysAnswer = z.strictObject({ api_keys: z.array(apiKeySchema), meta: metaSchema });
export const apiKeysQuery = z.object(pageQuery);
