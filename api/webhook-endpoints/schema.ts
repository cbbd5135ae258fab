import { z } from 'zod';
import { SIGNATURE_ALGORITHMS } from '../../billing/webhooks/signature-algorithm.ts';
import { webhookEndpointSchema } from '../../shapes/webhooks/webhook-endpoint.ts';
import { isWebhookType } from '../../shapes/webhooks/webhook-types.ts';
import { metaSchema, pageQuery } from '../http/pagination.ts';
import { optionalText, requiredText } from '../http/validation.ts';

/** A longer one would not fit the index that keeps URLs unique. */
const URL_LENGTH = 2_000;

const TYPES_MAX = 500;

/** Names of earlier versions, still accepted (spec, api 4.4). */
const OLDER_NAMES = new Map([['credit_note.provider_refund_failure', 'credit_note.refund_failure']]);

const isWebhookUrl = (text: string): boolean => /^https?:$/.test(URL.parse(text)?.protocol ?? '');

/** Only its form is checked here; where it leads is checked at each delivery, since names move (spec, api 4.3). */
export const webhookUrl = requiredText(URL_LENGTH)
  .transform((text) => text.trim())
  .refine((text) => text === '' || isWebhookUrl(text), 'url_is_invalid')
  .meta({ description: 'https, unless private addresses are allowed.', examples: ['https://example.com/webhooks'] });

/** Trimmed, in lower case, each once; all of them (`*`) is the same as null (spec, api 4.1). */
const eventTypes = z
  .unknown()
  .transform((given, context): string[] | null | undefined => {
    if (given === undefined || given === null) return given;
    if (!Array.isArray(given)) {
      context.addIssue({ code: 'custom', message: 'must_be_array', input: given });
      return z.NEVER;
    }
    const names = given.slice(0, TYPES_MAX).map((name) => String(name).trim().toLowerCase());
    const known = [...new Set(names)].map((name) => OLDER_NAMES.get(name) ?? name);
    if (known.includes('*')) return null;
    const unknown = known.filter((name) => !isWebhookType(name));
    if (unknown.length === 0 && given.length <= TYPES_MAX) return known;
    context.addIssue({
      code: 'custom',
      message: `unknown event types: ${unknown.join(', ').slice(0, 1000)}`,
      input: given,
    });
    return z.NEVER;
  })
  .meta({
    description: 'Types that are sent; null or `["*"]`: all, an empty list: none.',
    override: { type: ['array', 'null'], items: { type: 'string' }, examples: [['invoice.created']] },
  });

const attributes = {
  signature_algo: z.enum(SIGNATURE_ALGORITHMS).nullish(),
  name: optionalText(),
  event_types: eventTypes.optional(),
};

export const webhookEndpointCreateSchema = z
  .object({ webhook_url: webhookUrl, ...attributes })
  .meta({ id: 'WebhookEndpointCreateInput' });

export const webhookEndpointUpdateSchema = z
  .object({ webhook_url: webhookUrl.optional(), ...attributes })
  .meta({ id: 'WebhookEndpointUpdateInput' });

export type NewWebhookEndpointInput = z.infer<typeof webhookEndpointCreateSchema>;
export type WebhookEndpointInput = z.infer<typeof webhookEndpointUpdateSchema>;

export const webhookEndpointAnswer = z.strictObject({ webhook_endpoint: webhookEndpointSchema });
export const webhookEndpointListAnswer = z.strictObject({
  webhook_endpoints: z.array(webhookEndpointSchema),
  meta: metaSchema,
});
export const webhookEndpointListQuery = z.object(pageQuery);
