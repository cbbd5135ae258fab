import type { WantedAct } from '../../db/acts/acts.ts';
import {
  activateId,
  clockId,
  deleteCustomerId,
  deletePlanId,
  dutyRanks,
  endId,
  kinds,
  periodId,
  rescheduleId,
  rollupsId,
  startId,
  webhooksId,
  type Kind,
} from '../../workflows/ids.ts';

/** What an act has unless it says otherwise: it is done at once, for nobody in particular. */
type Usual = 'rank' | 'dueAt' | 'customerId' | 'subscriptionId';

/** An act of a kind, which decides on its queue and, unless said otherwise, its rank. */
export const actOf = (
  kind: Kind,
  act: Omit<WantedAct, 'kind' | 'queue' | Usual> & Partial<Pick<WantedAct, Usual>>,
): WantedAct => ({
  rank: kinds[kind].rank,
  dueAt: null,
  customerId: null,
  subscriptionId: null,
  ...act,
  kind,
  queue: kinds[kind].queue,
});

export interface PeriodArgument {
  readonly [key: string]: unknown;
  readonly actId: string;
  readonly organizationId: string;
  readonly subscriptionId: string;
  readonly periodKey: string;
  /** `YYYY-MM-DD` in the customer's calendar: the day that bills the period. */
  readonly billingDay: string;
  /** The customer's zone in which that day is told. */
  readonly timeZone: string;
  /** Where its organization's time comes from: a test clock, or real time. */
  readonly frozen: boolean;
  readonly dueAt: string;
}

/** The act of a subscription's period: it waits for the next duty within it, at last for billing it. */
export function periodAct(input: {
  readonly organizationId: string;
  readonly customerId: string;
  readonly subscriptionId: string;
  /** Of the act among the subscription's; absent: the period's key. */
  readonly name?: string;
  readonly periodKey: string;
  readonly billingDay: string;
  readonly timeZone: string;
  readonly frozen: boolean;
  /** When the next duty is done. */
  readonly dueAt: Date;
  readonly duty: keyof typeof dutyRanks;
}): WantedAct {
  const id = periodId(input.subscriptionId, input.name ?? input.periodKey);
  const argument: PeriodArgument = {
    actId: id,
    organizationId: input.organizationId,
    subscriptionId: input.subscriptionId,
    periodKey: input.periodKey,
    billingDay: input.billingDay,
    timeZone: input.timeZone,
    frozen: input.frozen,
    dueAt: input.dueAt.toISOString(),
  };
  return actOf('period', {
    id,
    organizationId: input.organizationId,
    customerId: input.customerId,
    subscriptionId: input.subscriptionId,
    argument,
    dueAt: input.dueAt,
    rank: dutyRanks[input.duty],
    summary: `Bill the period from ${input.periodKey} of subscription ${input.subscriptionId} on ${input.billingDay}`,
  });
}

export interface ActivateArgument {
  readonly [key: string]: unknown;
  readonly actId: string;
  readonly organizationId: string;
  readonly subscriptionId: string;
  readonly frozen: boolean;
  readonly dueAt: string;
}

/** The act that starts a subscription on a later day. */
export function activateAct(input: {
  readonly organizationId: string;
  readonly customerId: string;
  readonly subscriptionId: string;
  readonly frozen: boolean;
  readonly dueAt: Date;
}): WantedAct {
  const id = activateId(input.subscriptionId);
  const argument: ActivateArgument = {
    actId: id,
    organizationId: input.organizationId,
    subscriptionId: input.subscriptionId,
    frozen: input.frozen,
    dueAt: input.dueAt.toISOString(),
  };
  return actOf('activate', {
    id,
    organizationId: input.organizationId,
    customerId: input.customerId,
    subscriptionId: input.subscriptionId,
    argument,
    dueAt: input.dueAt,
    summary: `Start subscription ${input.subscriptionId}`,
  });
}

/** Which invoice of its own a subscription has at one of its ends. */
export type BoundaryReason = 'subscription_starting' | 'subscription_terminating';

export interface BoundaryArgument {
  readonly [key: string]: unknown;
  readonly actId: string;
  readonly organizationId: string;
  readonly subscriptionId: string;
  readonly reason: BoundaryReason;
  /** The billing instant B. */
  readonly at: string;
  readonly frozen: boolean;
  /** null: at once. */
  readonly dueAt: string | null;
}

/** The act that makes a subscription's first or last invoice. */
export function boundaryAct(input: {
  readonly organizationId: string;
  readonly customerId: string;
  readonly subscriptionId: string;
  readonly reason: BoundaryReason;
  readonly at: Date;
  readonly frozen: boolean;
  /** null: at once. */
  readonly dueAt: Date | null;
}): WantedAct {
  const isStart = input.reason === 'subscription_starting';
  const id = isStart ? startId(input.subscriptionId) : endId(input.subscriptionId);
  const argument: BoundaryArgument = {
    actId: id,
    organizationId: input.organizationId,
    subscriptionId: input.subscriptionId,
    reason: input.reason,
    at: input.at.toISOString(),
    frozen: input.frozen,
    dueAt: input.dueAt?.toISOString() ?? null,
  };
  return actOf(isStart ? 'start' : 'end', {
    id,
    organizationId: input.organizationId,
    customerId: input.customerId,
    subscriptionId: input.subscriptionId,
    argument,
    dueAt: input.dueAt,
    summary: `Make the ${isStart ? 'first' : 'last'} invoice of subscription ${input.subscriptionId}`,
  });
}

export interface ClockArgument {
  readonly [key: string]: unknown;
  readonly actId: string;
  readonly organizationId: string;
  /** `advance` moves the clock from due moment to due moment; `run` does what is due and leaves the clock where it is. */
  readonly mode: 'advance' | 'run';
  /** As it was asked for. That of the act's row counts: it comes nearer when the move is ended early. */
  readonly target: string;
}

/** One move of an organization's test clock, up to and including `target`. */
export function clockAct(input: {
  readonly organizationId: string;
  readonly move: number;
  readonly mode: 'advance' | 'run';
  readonly target: Date;
}): WantedAct {
  const id = clockId(input.organizationId, input.move);
  const target = input.target.toISOString();
  const argument: ClockArgument = { actId: id, organizationId: input.organizationId, mode: input.mode, target };
  return actOf('clock', {
    id,
    organizationId: input.organizationId,
    argument,
    summary: input.mode === 'advance' ? `Advance the test clock to ${target}` : `Do what is due at ${target}`,
  });
}

export interface RescheduleArgument {
  readonly [key: string]: unknown;
  readonly actId: string;
  readonly organizationId: string;
  readonly billingEntityId: string;
}

/** Moves the due moments of a billing entity's running periods after its time zone has changed. */
export function rescheduleAct(input: {
  readonly organizationId: string;
  readonly billingEntityId: string;
  readonly now: Date;
}): WantedAct {
  const id = rescheduleId(input.billingEntityId, input.now.toISOString());
  const argument: RescheduleArgument = {
    actId: id,
    organizationId: input.organizationId,
    billingEntityId: input.billingEntityId,
  };
  return actOf('reschedule', {
    id,
    organizationId: input.organizationId,
    argument,
    summary: `Move running periods of billing entity ${input.billingEntityId} to its new time zone`,
  });
}

export interface RollupsArgument {
  readonly [key: string]: unknown;
  readonly actId: string;
  readonly organizationId: string;
  readonly billableMetricId: string;
}

/** Rebuilds a metric's rollups from the events that are older than its definition. */
export function rollupsAct(input: {
  readonly organizationId: string;
  readonly billableMetricId: string;
  readonly now: Date;
}): WantedAct {
  const id = rollupsId(input.billableMetricId, input.now.toISOString());
  const argument: RollupsArgument = {
    actId: id,
    organizationId: input.organizationId,
    billableMetricId: input.billableMetricId,
  };
  return actOf('rollups', {
    id,
    organizationId: input.organizationId,
    argument,
    summary: `Rebuild the rollups of billable metric ${input.billableMetricId}`,
  });
}

export interface WebhooksArgument {
  readonly [key: string]: unknown;
  readonly actId: string;
  readonly organizationId: string;
  readonly endpointId: string;
}

/** The lane of a webhook endpoint. Its deliveries are in the table of webhooks; the act only says that somebody sees to them. */
export function webhooksAct(input: { readonly organizationId: string; readonly endpointId: string }): WantedAct {
  const id = webhooksId(input.endpointId);
  const argument: WebhooksArgument = { actId: id, organizationId: input.organizationId, endpointId: input.endpointId };
  return actOf('webhooks', {
    id,
    organizationId: input.organizationId,
    argument,
    aside: true,
    summary: `Send the webhooks of endpoint ${input.endpointId}`,
  });
}

export interface DeleteCustomerArgument {
  readonly [key: string]: unknown;
  readonly actId: string;
  readonly organizationId: string;
  readonly customerId: string;
  /** When it was deleted: its service ends then. */
  readonly at: string;
}

/** Ends what a deleted customer still has. */
export function deleteCustomerAct(input: {
  readonly organizationId: string;
  readonly customerId: string;
  readonly at: Date;
}): WantedAct {
  const id = deleteCustomerId(input.customerId);
  const argument: DeleteCustomerArgument = {
    actId: id,
    organizationId: input.organizationId,
    customerId: input.customerId,
    at: input.at.toISOString(),
  };
  return actOf('deleteCustomer', {
    id,
    organizationId: input.organizationId,
    customerId: input.customerId,
    argument,
    summary: `End what the deleted customer ${input.customerId} still has`,
  });
}

export interface DeletePlanArgument {
  readonly [key: string]: unknown;
  readonly actId: string;
  readonly organizationId: string;
  readonly planId: string;
  /** When it was deleted: service by it ends then. */
  readonly at: string;
}

/** Ends the subscriptions of a deleted plan. */
export function deletePlanAct(input: {
  readonly organizationId: string;
  readonly planId: string;
  readonly at: Date;
}): WantedAct {
  const id = deletePlanId(input.planId);
  const argument: DeletePlanArgument = {
    actId: id,
    organizationId: input.organizationId,
    planId: input.planId,
    at: input.at.toISOString(),
  };
  return actOf('deletePlan', {
    id,
    organizationId: input.organizationId,
    argument,
    summary: `End the subscriptions of the deleted plan ${input.planId}`,
  });
}
