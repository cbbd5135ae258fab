import { ApplicationFailure } from '@temporalio/common';
import { errorCodes, isAwayCode } from '../db/error-codes.ts';

/**
 * Beside a database that is away: locks, deadlocks and serialization, cancelled statements, an internal error, and what
 * an operator mends: a password or a right that is missing.
 */
const TRANSIENT = /^(28\w{3}|40\w{3}|42501|55P03|57\w{3}|XX000)$/;

/** Whether an error will pass by itself, so that trying again without end is right. */
export const isTransient = (error: unknown): boolean =>
  errorCodes(error).some((code) => isAwayCode(code) || TRANSIENT.test(code));

/**
 * Wraps an activity: what passes by itself is thrown on and retried by policy; anything else becomes a failure that the
 * workflow sees at once.
 */
export function failFastUnlessTransient<Arguments extends unknown[], Result>(
  activity: (...args: Arguments) => Promise<Result>,
): (...args: Arguments) => Promise<Result> {
  return async (...args) => {
    try {
      return await activity(...args);
    } catch (error) {
      if (isTransient(error) || error instanceof ApplicationFailure) throw error;
      const { message, name } = error instanceof Error ? error : new Error(String(error));
      throw ApplicationFailure.create({ message, type: name, nonRetryable: true, cause: error as Error });
    }
  };
}
