import type { Kind } from './acts/kinds.ts';

/**
 * What is done in transactions of which the fault tests interrupt the commit: every kind of act, and what has a
 * transaction without being a kind. `own-invoice` is what the first and the last invoice of a subscription do.
 */
export type ActName = Kind | 'own-invoice' | 'end-subscriptions' | 'record-failure' | 'request';

/** The places where the fault tests kill a process. */
export type FaultName =
  | `${ActName}:before-commit`
  | `${ActName}:after-commit`
  | 'period:before-claim'
  | 'period:after-claim'
  | 'own-invoice:before-claim'
  | 'clock:after-turn'
  | 'export:part-stored'
  | 'export:assembled'
  | 'mail:answered'
  | 'request:begun'
  | 'tax-provider:answered'
  | 'vies:answered'
  | 'vies:answer-kept'
  | 'vies:before-apply'
  | 'vies:ended'
  | 'webhooks:before-record';

/** Called at each such place; does nothing in production. */
export type FaultPoint = (name: FaultName) => void;

export const noFault: FaultPoint = () => undefined;
