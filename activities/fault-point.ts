/** The places where the fault tests kill a process. */
export type FaultName =
  | 'bill:before-claim'
  | 'bill:after-claim'
  | 'bill:before-commit'
  | 'bill:after-commit'
  | 'boundary:before-claim'
  | 'boundary:before-commit'
  | 'boundary:after-commit'
  | 'activate:before-commit'
  | 'activate:after-commit'
  | 'finalize:before-commit'
  | 'finalize:after-commit'
  | 'refresh:before-commit'
  | 'refresh:after-commit'
  | 'settings:before-commit'
  | 'settings:after-commit'
  | 'end-subscriptions:before-commit'
  | 'end-subscriptions:after-commit'
  | 'delete-customer:before-commit'
  | 'delete-customer:after-commit'
  | 'delete-plan:before-commit'
  | 'delete-plan:after-commit'
  | 'clock:after-turn'
  | 'request:begun'
  | 'request:before-commit'
  | 'request:after-commit'
  | 'webhooks:before-record';

/** Called at each such place; does nothing in production. */
export type FaultPoint = (name: FaultName) => void;

export const noFault: FaultPoint = () => undefined;
