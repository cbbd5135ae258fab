import { ApplicationFailure } from '@temporalio/common';

/** PostgreSQL's classes and codes that pass by themselves: connection, resources, operator, lock, deadlock, serialization, time limit. */
const PASSING_SQLSTATE = /^(08\w{3}|53\w{3}|57\w{3}|58\w{3}|55P03|40\w{3}|XX000)$/;
const PASSING_NODE = new Set(['ECONNREFUSED', 'ECONNRESET', 'EPIPE', 'ETIMEDOUT', 'ENOENT', 'ENOTFOUND', 'EAI_AGAIN']);
const PASSING_TEXT =
  /Connection terminated|timeout exceeded when trying to connect|connection error and is not queryable|the database system is/;

/** Whether an error will pass by itself, so that trying again without end is right. */
export function willPass(error: unknown, depth = 0): boolean {
  if (!(error instanceof Error) || depth > 8) return false;
  const { code } = error as { code?: unknown };
  if (typeof code === 'string' && (PASSING_SQLSTATE.test(code) || PASSING_NODE.has(code))) return true;
  if (PASSING_TEXT.test(error.message)) return true;
  if (error instanceof AggregateError && error.errors.some((inner) => willPass(inner, depth + 1))) return true;
  return willPass(error.cause, depth + 1);
}

/**
 * Wraps an activity: what passes by itself is thrown on and retried by policy; anything else becomes a failure that the
 * workflow sees at once.
 */
export function definite<Arguments extends unknown[], Result>(
  activity: (...args: Arguments) => Promise<Result>,
): (...args: Arguments) => Promise<Result> {
  return async (...args) => {
    try {
      return await activity(...args);
    } catch (error) {
      if (willPass(error) || error instanceof ApplicationFailure) throw error;
      const { message, name } = error instanceof Error ? error : new Error(String(error));
      throw ApplicationFailure.create({ message, type: name, nonRetryable: true, cause: error as Error });
    }
  };
}
