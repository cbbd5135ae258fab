import type { EntityManager } from '@mikro-orm/postgresql';
import type { ApiKey } from '../db/entities/api-key.ts';
import type { Organization } from '../db/entities/organization.ts';
import type { BillingTiming } from '../activities/billing-timing.ts';
import type { WebhookKeys } from '../activities/webhook-keys.ts';
import type { WantedAct } from '../db/acts.ts';

/** What a request knows: who asks, what time it is for them, and the rows they may see. */
export interface RequestContext {
  readonly requestId: string;
  readonly organization: Organization;
  readonly apiKey: ApiKey;
  /** Sees this organization's rows only. */
  readonly em: EntityManager;
  /** The organization's clock: real time, or the frozen moment of a test-mode organization. */
  readonly now: Date;
  /** When after its end a period is billed. */
  readonly timing: BillingTiming;
  readonly webhookKeys: WebhookKeys;
  readonly userAgent: string | null;
  readonly ipAddress: string | null;
  /**
   * Tells that the request's transaction has committed these acts: the first names the answer's `Durabill-Workflow-*`
   * headers, and all are started behind the answer.
   */
  readonly wanted: (acts: readonly WantedAct[]) => void;
}
