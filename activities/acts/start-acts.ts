import { SearchAttributeType, TypedSearchAttributes, defineSearchAttributeKey } from '@temporalio/common';
import {
  WorkflowExecutionAlreadyStartedError,
  WorkflowNotFoundError,
  type Client,
  type WorkflowStartOptions,
} from '@temporalio/client';
import type { StartableAct } from '../../db/acts/act.ts';
import { actStartsTotal } from '../../telemetry/figures.ts';
import { withinTrace } from '../../telemetry/trace-context.ts';
import { WAKE_SIGNAL } from '../../workflows/wake-signal.ts';
import { isKind, kinds } from './kinds.ts';
import type { ConflictPolicy } from './act-kind.ts';
import { delayedStart } from './start-delay.ts';
import { TAKEOVER_SECONDS } from './temporal-connection.ts';

/** What an operator can search workflows by; registered by `worker/search-attributes.ts`. */
export const searchAttributes = {
  organizationId: defineSearchAttributeKey('OrganizationId', SearchAttributeType.KEYWORD),
  customerId: defineSearchAttributeKey('CustomerId', SearchAttributeType.KEYWORD),
  subscriptionId: defineSearchAttributeKey('SubscriptionId', SearchAttributeType.KEYWORD),
  invoiceId: defineSearchAttributeKey('InvoiceId', SearchAttributeType.KEYWORD),
  dueAt: defineSearchAttributeKey('DueAt', SearchAttributeType.DATETIME),
} as const;

/** Starts in flight at most; more only lengthens Temporal's queue. */
const STARTS_IN_FLIGHT = 32;

export interface StartResult {
  readonly started: readonly StartableAct[];
  readonly failed: readonly { readonly id: string; readonly error: unknown }[];
}

export interface ActStarter {
  /** Makes the workflows of these acts run; one that runs or has completed already counts as started. Never throws. */
  readonly start: (acts: readonly StartableAct[]) => Promise<StartResult>;
  /** Tells the workflows of these acts to look again, and starts those that do not run. Never throws. */
  readonly wake: (acts: readonly StartableAct[]) => Promise<StartResult>;
}

export interface ActStarterOptions {
  readonly client: () => Promise<Client>;
  /** Put before each task queue, so that several installations can share a Temporal namespace. */
  readonly queuePrefix: string;
  /** How soon the task of a worker that died is given to another. */
  readonly takeoverSeconds?: number;
  /** The client is on a worker's own connection: first tasks come back with the start. */
  readonly eager?: boolean;
  readonly realTime: () => Date;
}

export function makeActStarter({
  client,
  queuePrefix,
  takeoverSeconds,
  eager = false,
  realTime,
}: ActStarterOptions): ActStarter {
  const begin = async (act: StartableAct, wake: boolean): Promise<void> => {
    if (!isKind(act.kind)) throw new Error(`No workflow does acts of the kind ${act.kind}`);
    const { workflow } = await client();
    if (act.verb === 'restart' && (await isRunning(workflow, act.id))) {
      // It has told that it failed and is about to close: a signal now would be lost with it.
      throw new Error(`the failed run of ${act.id} has not closed yet`);
    }
    const options = startOptions(act, queuePrefix, takeoverSeconds);
    try {
      if (wake || act.verb !== 'start' || conflictOf(act.kind) === 'USE_EXISTING') {
        await workflow.signalWithStart(kinds[act.kind].workflow, { ...options, signal: WAKE_SIGNAL });
      } else {
        // What waits has no first task that could come back with the start.
        const begins = delayedStart(act, realTime()) ?? (eager && { requestEagerStart: true });
        await workflow.start(kinds[act.kind].workflow, { ...options, ...begins });
      }
    } catch (error) {
      if (!(error instanceof WorkflowExecutionAlreadyStartedError)) throw error;
    }
  };
  const all = async (acts: readonly StartableAct[], wake: boolean): Promise<StartResult> => {
    const started: StartableAct[] = [];
    const failed: { id: string; error: unknown }[] = [];
    const queue = acts.values();
    const lane = async (): Promise<void> => {
      for (const act of queue) {
        try {
          await withinTrace(act.traceparent ?? null, () => begin(act, wake));
          started.push(act);
          actStartsTotal.inc({ kind: kindLabel(act), outcome: 'started' });
        } catch (error) {
          failed.push({ id: act.id, error });
          actStartsTotal.inc({ kind: kindLabel(act), outcome: 'failed' });
        }
      }
    };
    await Promise.all(Array.from({ length: Math.min(STARTS_IN_FLIGHT, acts.length) }, lane));
    return { started, failed };
  };
  return { start: (acts) => all(acts, false), wake: (acts) => all(acts, true) };
}

async function isRunning(workflow: Client['workflow'], id: string): Promise<boolean> {
  try {
    return (await workflow.getHandle(id).describe()).status.name === 'RUNNING';
  } catch (error) {
    if (error instanceof WorkflowNotFoundError) return false;
    throw error;
  }
}

const conflictOf = (kind: keyof typeof kinds): ConflictPolicy | undefined => kinds[kind].conflict;

/** A row that newer code wrote may be of any kind; the figures know only ours. */
const kindLabel = ({ kind }: StartableAct): string => (isKind(kind) ? kind : 'unknown');

export function startOptions(
  act: StartableAct,
  queuePrefix: string,
  takeoverSeconds: number = TAKEOVER_SECONDS,
): WorkflowStartOptions {
  const kind = kinds[act.kind as keyof typeof kinds];
  return {
    workflowId: act.id,
    taskQueue: queuePrefix + act.queue,
    args: [{ ...act.argument, ...kind.tells?.(act), dueAt: act.dueAt?.toISOString() ?? null }],
    workflowIdReusePolicy: kind.reuse,
    workflowTaskTimeout: takeoverSeconds * 1000,
    staticSummary: act.summary,
    typedSearchAttributes: new TypedSearchAttributes([
      { key: searchAttributes.organizationId, value: act.organizationId },
      ...(act.customerId ? [{ key: searchAttributes.customerId, value: act.customerId }] : []),
      ...(act.subscriptionId ? [{ key: searchAttributes.subscriptionId, value: act.subscriptionId }] : []),
      ...(act.invoiceId ? [{ key: searchAttributes.invoiceId, value: act.invoiceId }] : []),
      ...(act.dueAt ? [{ key: searchAttributes.dueAt, value: act.dueAt }] : []),
    ]),
    priority: { priorityKey: kind.priority, fairnessKey: act.organizationId },
  };
}
