import type { Logger } from 'pino';
import { WrongSecretKey } from '../db/sealed-secret.ts';
import { checkDatabase } from '../worker/process/external-servers.ts';
import { messageOf } from '../telemetry/message-of.ts';

/** How often to look for a database that was away at the start. */
const LOOK_AGAIN_MS = 250;

/** This process cannot work with the database as it is. */
export class DatabaseRefused extends Error {}

/**
 * Refuses a database of another version, without the rights or with another secret key. One that is away may come back,
 * and until then requests are answered with 503: it is looked at as soon as it answers.
 *
 * @param check rejects with what is wrong.
 * @param refuse is called when a database that was away turns out to be refused.
 * @returns what ends the looking.
 * @throws what `check` rejects with, when that will not pass by itself.
 */
export async function checkDatabaseOnceThere(
  check: () => Promise<void>,
  databaseUrl: string,
  log: Logger,
  refuse: (reason: Error) => void,
): Promise<() => void> {
  const problem: unknown = await check().catch((error: unknown) => error);
  if (problem === undefined) return () => undefined;
  if (isFinal(problem)) throw problem;
  const reason = messageOf(
    await checkDatabase(databaseUrl).then(
      () => problem,
      (known: unknown) => known,
    ),
  );
  log.warn({ reason }, 'the database does not answer yet');
  const again = (): NodeJS.Timeout =>
    setTimeout(() => {
      check().then(
        () => log.info('the database answers'),
        (error: unknown) => {
          if (isFinal(error)) refuse(error);
          timer = again();
        },
      );
    }, LOOK_AGAIN_MS).unref();
  let timer = again();
  return () => clearTimeout(timer);
}

/** Whether it will not pass by itself. */
const isFinal = (error: unknown): error is Error => error instanceof DatabaseRefused || error instanceof WrongSecretKey;
