import { z } from 'zod';
import { WEBHOOK_STATUSES } from '../../billing/webhooks/webhook-status.ts';
import { webhookSchema } from '../../shapes/webhooks/webhook.ts';
import { isWebhookType } from '../../shapes/webhooks/webhook-types.ts';
import { instantFilter, listFilter, someOfFilter, textFilter } from '../http/filters.ts';
import { metaSchema, pageQuery } from '../http/pagination.ts';

const DAY_MS = 86_400_000;

/** Of a date alone the end. */
const endFilter = () =>
  instantFilter().transform((given) => {
    const isDate = given?.text.length === 'YYYY-MM-DD'.length;
    return given && isDate ? new Date(given.at.getTime() + DAY_MS - 1) : given?.at;
  });

/** Spec, api 4.5. */
export const webhookListQuery = z.object({
  ...pageQuery,
  webhook_endpoint_id: textFilter(),
  statuses: someOfFilter(WEBHOOK_STATUSES),
  event_types: listFilter(isWebhookType),
  http_statuses: listFilter((value) => /^[1-5](\d\d|xx)$/.test(value)).meta({
    description: '`404`, or a whole class such as `5xx`.',
  }),
  from_date: instantFilter()
    .transform((given) => given?.at)
    .meta({ description: 'Created then or later.' }),
  to_date: endFilter().meta({ description: 'Created then or earlier; a date alone means to its end.' }),
  search_term: textFilter().meta({ description: 'Part of the type, or the id of the delivery or of its object.' }),
});

export const webhookAnswer = z.strictObject({ webhook: webhookSchema });
export const webhookListAnswer = z.strictObject({ webhooks: z.array(webhookSchema), meta: metaSchema });
export const publicKeyAnswer = z.strictObject({ webhook: z.strictObject({ public_key: z.string() }) });
export const hmacKeyAnswer = z.strictObject({ webhook: z.strictObject({ hmac_key: z.string() }) });
