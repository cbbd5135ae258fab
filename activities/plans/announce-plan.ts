import type { EntityManager } from '@mikro-orm/postgresql';
import type { PlanWithCharges } from '../../shapes/plans/load-plans.ts';
import { planJson } from '../../shapes/plans/plan.ts';
import { emitWebhooks } from '../webhooks/emit-webhooks.ts';

/** Writes the webhook about a plan that is flushed. @param now the organization's clock. */
export const announcePlan = (
  em: EntityManager,
  type: 'plan.created' | 'plan.updated' | 'plan.deleted',
  saved: PlanWithCharges,
  now: Date,
): Promise<void> =>
  emitWebhooks(em, { organizationId: saved.plan.organizationId, now }, [type], () => [
    { type, objectId: saved.plan.id, object: planJson(saved) },
  ]);
