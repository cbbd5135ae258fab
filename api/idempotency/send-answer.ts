import type { Response } from 'express';
import type { Answer } from '../../activities/idempotency/keyed-request.ts';

export interface Sending {
  readonly workflowUrl: (workflowId: string) => string;
  /** It is an earlier request's. */
  readonly repeated: boolean;
  readonly type?: string;
}

/**
 * Sends an answer; one that repeats an earlier one says so in `Idempotent-Replayed`, and is the same in everything
 * else.
 */
export function sendAnswer(
  response: Response,
  { status, body, workflowId }: Answer,
  { workflowUrl, repeated, type = 'json' }: Sending,
): void {
  if (workflowId !== null) {
    response.set('Durabill-Workflow-Id', workflowId).set('Durabill-Workflow-Url', workflowUrl(workflowId));
  }
  if (repeated) response.set('Idempotent-Replayed', 'true');
  response.status(status).type(type).send(body);
}
