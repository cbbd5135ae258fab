import type { WantedAct } from '../../db/acts/act.ts';
import { actOf, type ActArgument, type ActKind } from '../acts/act-kind.ts';

/** The lane of a webhook endpoint: lives while it has deliveries. */
export const webhooksKind = {
  name: 'webhooks',
  workflow: 'webhooks',
  queue: 'webhooks',
  reuse: 'ALLOW_DUPLICATE',
  conflict: 'USE_EXISTING',
  priority: 3,
  rank: 90,
  whenFailed: 'nothing',
} as const satisfies ActKind;

export const webhooksId = (webhookEndpointId: string): string => `webhooks/${webhookEndpointId}`;

export interface WebhooksArgument extends ActArgument {
  readonly endpointId: string;
}

/**
 * The lane of a webhook endpoint. Its deliveries are in the table of webhooks; the act only says that somebody sees to
 * them.
 */
export function webhooksAct(input: { readonly organizationId: string; readonly endpointId: string }): WantedAct {
  const { organizationId, endpointId } = input;
  return actOf(webhooksKind, {
    id: webhooksId(endpointId),
    organizationId,
    argument: { endpointId },
    runsInRealTime: true,
    summary: `Send the webhooks of endpoint ${endpointId}`,
  });
}
