export const WEBHOOK_STATUSES = ['pending', 'retrying', 'succeeded', 'failed'] as const;

/** What has become of the delivery of a webhook (spec, api 4.5). */
export type WebhookStatus = (typeof WEBHOOK_STATUSES)[number];
