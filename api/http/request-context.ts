import type { EntityManager } from '@mikro-orm/postgresql';
import type { ApiKey } from '../../db/entities/organizations/api-key.ts';
import type { Organization } from '../../db/entities/organizations/organization.ts';
import type { BillingTiming } from '../../activities/billing-timing.ts';
import type { AllowedNetworks } from '../../activities/webhooks/allowed-networks.ts';
import type { JoinAct } from '../../activities/acts/join-act.ts';
import type { EventIntake } from '../../activities/usage/event-intake.ts';
import type { WebhookKeys } from '../../activities/webhooks/webhook-keys.ts';
import type { ActToStart } from '../../db/acts/act.ts';
import type { FileLink } from '../../shapes/data-exports/file-link.ts';

/** What a request knows: who asks, what time it is for them, and the rows they may see. */
export interface RequestContext {
  readonly requestId: string;
  readonly organization: Organization;
  readonly apiKey: ApiKey;
  /** Sees this organization's rows only. */
  readonly em: EntityManager;
  /** The organization's clock: real time, or the moment at which its test clock stands. */
  readonly now: Date;
  /**
   * Real time at which the request came; of equal ones that overlap, and of those that repeat one by its key, the
   * first.
   */
  readonly receivedAt: Date;
  /** When after its end a period is billed. */
  readonly timing: BillingTiming;
  readonly webhookKeys: WebhookKeys;
  /** Where webhooks may go beside the public internet. */
  readonly allowedNetworks: AllowedNetworks;
  /** Stores events of requests that arrive together. */
  readonly intake: EventIntake;
  readonly linkOf: FileLink;
  readonly userAgent: string | null;
  readonly ipAddress: string | null;
  /**
   * Starts acts once the answer is on its way; the request's transaction has committed them. The first of them names
   * the answer's `Durabill-Workflow-*` headers.
   */
  readonly startAfterAnswer: (acts: readonly ActToStart[]) => void;
  /** Names the workflow of the answer's `Durabill-Workflow-*` headers: one that the request itself awaits or joins. */
  readonly nameWorkflow: (workflowId: string) => void;
  /** Awaits an act's workflow, for an answer that shows its effect. */
  readonly awaitAct: JoinAct;
  /** Where an operator looks at a workflow. */
  readonly workflowUrl: (workflowId: string) => string;
}
