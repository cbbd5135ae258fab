import type { EndpointChange, EndpointCommand, EndpointScope } from '../../activities/webhooks/endpoint-command.ts';
import { textOrNull } from '../../billing/blank-text.ts';
import { scopeWith } from '../http/command-scope.ts';
import type { RequestContext } from '../http/request-context.ts';
import type { NewWebhookEndpointInput, WebhookEndpointInput } from './schema.ts';

/** Which field two requests answer for that race past the check for a taken URL (`refusingDuplicates`). */
export const ENDPOINT_CONSTRAINTS = { webhook_endpoints_url: 'webhook_url' };

export const endpointScopeOf = (context: RequestContext): EndpointScope =>
  scopeWith(context, { allowedNetworks: context.allowedNetworks });

export const toEndpointCommand = (input: NewWebhookEndpointInput): EndpointCommand => ({
  ...toEndpointChange(input),
  webhookUrl: input.webhook_url,
});

export const toEndpointChange = (input: WebhookEndpointInput): EndpointChange => ({
  ...(input.webhook_url !== undefined && { webhookUrl: input.webhook_url }),
  ...(input.signature_algo != null && { signatureAlgo: input.signature_algo }),
  ...(input.name !== undefined && { name: textOrNull(input.name) }),
  ...(input.event_types !== undefined && { eventTypes: input.event_types }),
});
