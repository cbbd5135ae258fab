import { z } from 'zod';
import { apiKeySchema, permissionsSchema } from '../../shapes/api-keys/api-key.ts';
import { instant } from '../http/instants.ts';
import { metaSchema, pageQuery } from '../http/pagination.ts';
import { optionalText } from '../http/validation.ts';

const permissions = permissionsSchema.nullish().meta({
  description: 'Resource to `read`, `write` or both; a resource that is not named may not be used. Absent: everything.',
  examples: [{ customer: ['read', 'write'], invoice: ['read'] }],
});

const expiresAt = instant()
  .nullish()
  .meta({ override: { type: ['string', 'null'], format: 'date-time' }, description: 'In the future.' });

export const apiKeyInput = z
  .object({ name: optionalText(), permissions, expires_at: expiresAt })
  .meta({ id: 'ApiKeyInput' });

export type ApiKeyInput = z.infer<typeof apiKeyInput>;

/** What expires is rotated or deleted, so the moment is not to be changed. */
export const apiKeyUpdate = z.object({ name: optionalText(), permissions }).meta({ id: 'ApiKeyUpdateInput' });

export type ApiKeyUpdate = z.infer<typeof apiKeyUpdate>;

const apiKeyRotation = z
  .object({
    name: optionalText().meta({ description: "The new key's; the old one's unless given." }),
    expires_at: expiresAt.meta({ description: 'When the old key ends; at once unless given.' }),
  })
  .meta({ id: 'ApiKeyRotationInput' });

export type ApiKeyRotation = z.infer<typeof apiKeyRotation>;

/** The body of a rotation may be left out. */
export const apiKeyRotationBody = z.object({ api_key: apiKeyRotation.nullish() }).nullish();

export const apiKeyAnswer = z.strictObject({ api_key: apiKeySchema });
export const apiKeysAnswer = z.strictObject({ api_keys: z.array(apiKeySchema), meta: metaSchema });
export const apiKeysQuery = z.object(pageQuery);
