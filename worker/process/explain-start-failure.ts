import { checkDatabase, checkTemporal } from './external-servers.ts';
import { messageOf } from '../../telemetry/message-of.ts';

/**
 * Why the worker could not be started, as one sentence that says what to do; the error's own words where nothing better
 * is known.
 */
export async function explainStartFailure(error: unknown, databaseUrl: string): Promise<string> {
  try {
    await checkDatabase(databaseUrl);
    await checkTemporal();
    return messageOf(error);
  } catch (known) {
    return messageOf(known);
  }
}
