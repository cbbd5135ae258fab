import { z } from 'zod';
import { parseInstant } from '../instants.ts';
import { metaSchema, pageQuery } from '../pagination.ts';
import { NAME_LENGTH } from '../validation.ts';

export const STATUSES = ['pending', 'retrying', 'succeeded', 'failed'] as const;

const VALUES_MAX = 100;

/** A blank value is none. */
const text = z
  .string()
  .max(NAME_LENGTH)
  .optional()
  .transform((given) => (given?.trim() === '' ? undefined : given?.trim()));

/** `key[]=a&key[]=b`, or one plain value; empty: no filter. */
const listOf = (isKnown: (value: string) => boolean = () => true) =>
  z
    .union([z.string(), z.array(z.string()).max(VALUES_MAX)])
    .optional()
    .transform((given) => {
      const list = (typeof given === 'string' ? [given] : (given ?? [])).filter(Boolean);
      return list.length > 0 ? list : undefined;
    })
    .refine((list) => list?.every(isKnown) ?? true, 'value_is_invalid');

const DAY_MS = 86_400_000;

/** A datetime; of a date alone its beginning, or its end. */
const instant = (ofDate: 'beginning' | 'end') =>
  text
    .refine((value) => value === undefined || parseInstant(value) !== undefined, 'invalid_date')
    .transform((value) => {
      const at = value === undefined ? undefined : parseInstant(value);
      const isDate = ofDate === 'end' && value?.length === 'YYYY-MM-DD'.length;
      return at && isDate ? new Date(at.getTime() + DAY_MS - 1) : at;
    })
    .meta({ override: { type: 'string', format: 'date-time' } });

/** Spec, api 4.5. */
export const webhookListQuery = z.object({
  ...pageQuery,
  webhook_endpoint_id: text,
  statuses: listOf((value) => (STATUSES as readonly string[]).includes(value)).meta({ description: '`statuses[]`' }),
  event_types: listOf().meta({ description: '`event_types[]`' }),
  http_statuses: listOf((value) => /^[1-5](\d\d|xx)$/.test(value)).meta({
    description: '`http_statuses[]`: `404`, or a whole class such as `5xx`.',
  }),
  from_date: instant('beginning').meta({ description: 'Created then or later.' }),
  to_date: instant('end').meta({ description: 'Created then or earlier; a date alone means to its end.' }),
  search_term: text.meta({ description: 'Part of the type, or the id of the delivery or of its object.' }),
});

export const webhookSchema = z
  .strictObject({
    lago_id: z.uuid(),
    lago_webhook_endpoint_id: z.uuid(),
    endpoint: z.string().meta({ description: 'The URL of the endpoint as it is now.' }),
    webhook_type: z.string(),
    object_type: z.string(),
    lago_object_id: z.uuid(),
    status: z.enum(STATUSES),
    retries: z.int(),
    http_status: z.int().nullable(),
    payload: z.record(z.string(), z.unknown()),
    response: z.string().nullable(),
    last_retried_at: z.string().nullable(),
    created_at: z.string().meta({ format: 'date-time' }),
    updated_at: z.string().meta({ format: 'date-time' }),
  })
  .meta({ id: 'Webhook' });

export type WebhookJson = z.infer<typeof webhookSchema>;

export const webhookAnswer = z.strictObject({ webhook: webhookSchema });
export const webhookListAnswer = z.strictObject({ webhooks: z.array(webhookSchema), meta: metaSchema });
export const publicKeyAnswer = z.strictObject({ webhook: z.strictObject({ public_key: z.string() }) });
export const hmacKeyAnswer = z.strictObject({ webhook: z.strictObject({ hmac_key: z.string() }) });
