/** The places where the fault tests kill the worker. */
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
  | 'clock:after-turn'
  | 'webhooks:before-record';

/** Called at each such place; does nothing in production. */
export type FaultPoint = (name: FaultName) => void;

export const noFault: FaultPoint = () => undefined;
