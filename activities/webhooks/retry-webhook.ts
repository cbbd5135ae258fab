import type { EntityManager } from '@mikro-orm/postgresql';
import { notAllowed, notFound } from '../../billing/refusal.ts';
import type { WantedAct } from '../../db/acts/act.ts';
import { wantActsAgain } from '../../db/acts/want-acts.ts';
import type { Webhook } from '../../db/entities/webhooks/webhook.ts';
import { lockLane, tryAgain } from '../../db/queries/webhooks/webhook-lane.ts';
import type { CommandScope } from '../command-scope.ts';
import { findWebhook } from './find-webhook.ts';
import { webhooksAct } from './webhooks-act.ts';

interface RetriedWebhook {
  readonly webhook: Webhook;
  /** Written in the same transaction, to be started once it has committed. */
  readonly acts: readonly WantedAct[];
}

/**
 * Has a delivery tried at once, in the caller's transaction; one that had failed for good gets its 72 hours again. The
 * order of an object's deliveries stays: where an older one is unfinished, that one is tried at once.
 *
 * @throws Refusal 404 `webhook_not_found`, 405 `is_succeeded`.
 */
export async function retryWebhook(
  em: EntityManager,
  { organizationId, realTime }: CommandScope,
  id: string,
): Promise<RetriedWebhook> {
  const found = await findWebhook(em, id);
  await lockLane(em, found.webhookEndpointId);
  const webhook = await em.refresh(found);
  if (!webhook) throw notFound('webhook');
  if (webhook.status === 'succeeded') throw notAllowed('is_succeeded');
  const { id: webhookId, webhookEndpointId: endpointId, objectId } = webhook;
  await tryAgain(em, { webhookId, endpointId, objectId }, realTime);
  const act = webhooksAct({ organizationId, endpointId });
  await wantActsAgain(em, [act], realTime, { startedBy: 'writer' });
  return { webhook: await em.refreshOrFail(webhook), acts: [act] };
}
