import type { ActivityOptions, LocalActivityOptions } from '@temporalio/workflow';

/**
 * Retry policies by name. Errors that pass by themselves (a connection, a lock, a serialization conflict) are retried
 * without end, because PostgreSQL will come back; any other error reaches the workflow at once as not retryable
 * (`activities/failures.ts`).
 */
export const policies = {
  /** One transaction, well under a second: run inside the worker that has the workflow's task. */
  local: {
    startToCloseTimeout: '10s',
    localRetryThreshold: '10s',
    retry: { initialInterval: '100ms', backoffCoefficient: 2, maximumInterval: '10s' },
  } satisfies LocalActivityOptions,
  /**
   * Calls to somebody else's server; how they went is noted in rows, so only our own trouble makes the activity fail.
   */
  sending: {
    startToCloseTimeout: '5m',
    heartbeatTimeout: '10s',
    retry: { initialInterval: '500ms', backoffCoefficient: 2, maximumInterval: '30s' },
  } satisfies ActivityOptions,
  /**
   * One question to somebody else's server. How it was answered is kept in a row, so only our own trouble makes it
   * fail.
   */
  asking: {
    startToCloseTimeout: '30s',
    heartbeatTimeout: '5s',
    retry: { initialInterval: '500ms', backoffCoefficient: 2, maximumInterval: '30s' },
  } satisfies ActivityOptions,
  /** A conversation with a mail server, each step of which has a limit of its own. */
  mailing: {
    startToCloseTimeout: '5m',
    retry: { initialInterval: '500ms', backoffCoefficient: 2, maximumInterval: '30s' },
  } satisfies ActivityOptions,
  /** Parts of an export: a store of files that is away is asked again until its patience is at an end. */
  exporting: {
    startToCloseTimeout: '2h',
    heartbeatTimeout: '10s',
    retry: { initialInterval: '500ms', backoffCoefficient: 2, maximumInterval: '30s' },
  } satisfies ActivityOptions,
  /** Long work that heartbeats and goes on where it stopped. */
  heavy: {
    startToCloseTimeout: '30m',
    heartbeatTimeout: '5s',
    retry: { initialInterval: '500ms', backoffCoefficient: 2, maximumInterval: '10s' },
  } satisfies ActivityOptions,
} as const;
