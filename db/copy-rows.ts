import type { EntityManager } from '@mikro-orm/postgresql';
import type { PoolClient, Submittable } from 'pg';

/** What of `pg`'s connection a COPY needs. */
interface CopyConnection {
  query(text: string): void;
  readonly stream: { pause(): void; resume(): void };
}

/**
 * Reads what a `COPY … TO STDOUT` sends, row by row: PostgreSQL sends each in a message of its own, with its end of
 * line. It runs on a connection of its own, in no transaction of the entity manager's.
 *
 * @param take is given a row that is only there during the call; while what it returns is pending, nothing more is
 * read.
 */
export async function copyRows(
  em: EntityManager,
  text: string,
  take: (row: Buffer) => Promise<void> | undefined,
): Promise<void> {
  const pool = await em.getConnection().getNativeClient();
  const client = await pool.connect();
  try {
    await readCopy(client, text, take);
  } catch (error) {
    // It may be in the middle of the COPY: nobody else is to get it.
    client.release(true);
    throw error;
  }
  client.release();
}

function readCopy(client: PoolClient, text: string, take: (row: Buffer) => Promise<void> | undefined): Promise<void> {
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  let taking: Promise<void> = Promise.resolve();
  let waits = 0;
  let failed = false;
  const fail = (error: unknown): void => {
    failed = true;
    reject(error);
  };
  const goOnAfter = async (taken: Promise<unknown>, connection: CopyConnection): Promise<void> => {
    try {
      await taken;
    } finally {
      waits -= 1;
      // After an error too, for the end of the statement to arrive.
      if (waits === 0) connection.stream.resume();
    }
  };
  const query = {
    submit: (connection: CopyConnection) => connection.query(text),
    handleCopyData: ({ chunk }: { readonly chunk: Buffer }, connection: CopyConnection) => {
      if (failed) return;
      try {
        const taken = take(chunk);
        if (taken === undefined) return;
        // What has arrived already is still handed over: the taker keeps its own order.
        waits += 1;
        connection.stream.pause();
        taking = goOnAfter(Promise.all([taking, taken]), connection);
        taking.catch(fail);
      } catch (error) {
        fail(error);
      }
    },
    handleCommandComplete: () => undefined,
    handleError: fail,
    handleReadyForQuery: () => void taking.then(resolve, fail),
  };
  client.query(query as unknown as Submittable);
  return promise;
}
