/** What is done in transactions of which the fault tests interrupt the commit. */
export type ActName =
  | 'bill'
  | 'boundary'
  | 'activate'
  | 'finalize'
  | 'refresh'
  | 'settings'
  | 'flag-drafts'
  | 'move-due-dates'
  | 'end-subscriptions'
  | 'delete-customer'
  | 'delete-plan'
  | 'rebuild-rollups'
  | 'record-failure'
  | 'vies'
  | 'tax-invoice'
  | 'request';

/** The places where the fault tests kill a process. */
export type FaultName =
  | `${ActName}:before-commit`
  | `${ActName}:after-commit`
  | 'bill:before-claim'
  | 'bill:after-claim'
  | 'boundary:before-claim'
  | 'clock:after-turn'
  | 'request:begun'
  | 'vies:answered'
  | 'webhooks:before-record';

/** Called at each such place; does nothing in production. */
export type FaultPoint = (name: FaultName) => void;

export const noFault: FaultPoint = () => undefined;
