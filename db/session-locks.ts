import { Client } from 'pg';

/** Locks with names, for work that is longer than a transaction. */
export interface SessionLocks {
  /** @returns what lets go of it; null while somebody else has it. Waits for nobody. */
  readonly tryLock: (name: string) => Promise<(() => Promise<void>) | null>;
}

const CONNECT_LIMIT_MS = 5_000;
const ANSWER_LIMIT_MS = 5_000;

/** A machine that is gone without a word has its locks taken from it after so long; no work takes longer. */
const SILENCE_LIMIT = '60s';

/** A session takes so many locks at most, so that under steady work none lives for ever. */
const LOCKS_OF_A_SESSION = 100;

/** A connection that has locks as long as it lives. */
interface Session {
  readonly client: Promise<Client>;
  /** The last statement that was sent: a connection does one at a time. */
  last: Promise<unknown>;
  /** Over all its time. */
  taken: number;
  holders: number;
}

/**
 * Takes advisory locks over a connection of its own, which lives while any of them is held. When the process dies
 * PostgreSQL sees the connection end, and the locks are free at once: nobody has to guess whether whoever held one is
 * still at work. When only the connection breaks, they are free for other processes too early, so they may guard only
 * what is safe to do twice.
 */
export function sessionLocks(databaseUrl: string): SessionLocks {
  // A session would be given a second time what it has.
  const held = new Set<string>();
  let current: Session | undefined;

  const retire = (session: Session): void => {
    if (current === session) current = undefined;
  };

  const newSession = (): Session => {
    const client = new Client({
      connectionString: databaseUrl,
      application_name: 'durabill locks',
      connectionTimeoutMillis: CONNECT_LIMIT_MS,
      query_timeout: ANSWER_LIMIT_MS,
    });
    const begin = async (): Promise<Client> => {
      await client.connect();
      // In a transaction, a pooler between leaves it its server connection.
      await client.query('begin');
      await client.query(`set local idle_in_transaction_session_timeout = '${SILENCE_LIMIT}'`);
      return client;
    };
    const begun = begin();
    const session: Session = { client: begun, last: begun, taken: 0, holders: 0 };
    client.on('error', () => retire(session));
    return session;
  };

  const enter = (): Session => {
    current ??= newSession();
    const session = current;
    session.holders += 1;
    session.taken += 1;
    if (session.taken === LOCKS_OF_A_SESSION) retire(session);
    return session;
  };

  const leave = async (session: Session): Promise<void> => {
    session.holders -= 1;
    if (session.holders > 0) return;
    retire(session);
    // The locks end with the connection, which may be closed already.
    await session.client.then((client) => client.end()).catch(() => undefined);
  };

  /**
   * @param does the function to call with the lock's number. The name is in the text: a statement with parameters would
   * keep its snapshot to the end of the transaction, and with it what vacuum is to take away.
   */
  const call = async (session: Session, does: string, name: string): Promise<boolean> => {
    const client = await session.client;
    const text = `select ${does}(hashtextextended(${client.escapeLiteral(name)}, 0)) as done`;
    const answer = session.last.then(
      () => client.query<{ done: boolean }>(text),
      () => client.query<{ done: boolean }>(text),
    );
    session.last = answer;
    return (await answer).rows[0]?.done === true;
  };

  const release = async (session: Session, name: string): Promise<void> => {
    try {
      await call(session, 'pg_advisory_unlock', name);
    } catch {
      retire(session);
    }
    held.delete(name);
    await leave(session);
  };

  return {
    async tryLock(name) {
      if (held.has(name)) return null;
      held.add(name);
      const session = enter();
      try {
        if (await call(session, 'pg_try_advisory_lock', name)) return () => release(session, name);
      } catch (error) {
        retire(session);
        held.delete(name);
        await leave(session);
        throw error;
      }
      held.delete(name);
      await leave(session);
      return null;
    },
  };
}
