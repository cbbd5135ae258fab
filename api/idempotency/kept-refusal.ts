import type { Answer } from '../../activities/idempotency/keyed-request.ts';
import { answerTo } from '../http/errors.ts';

/** The answer that is kept of a refused request; null: ours (5xx), and what may be another one later. */
export function keptRefusal(error: unknown): Answer | null {
  const refused = answerTo(error);
  if (!refused || refused.status >= 500 || refused.passes) return null;
  return { status: refused.status, body: JSON.stringify(refused.body), workflowId: null };
}
