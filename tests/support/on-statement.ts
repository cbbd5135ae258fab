import type { MikroORM } from '@mikro-orm/postgresql';

/** A statement as the driver is given it: its text, or its text, name and values in one. */
export type Sent = readonly unknown[];

/**
 * Calls back for every statement that the ORM sends from now on, but for the one with which it sets up a new connection
 * (`db/orm.ts`): whether one is opened depends on how many happen to be idle, and not on what is asked.
 */
export async function onStatement(orm: MikroORM, callback: (...sent: Sent) => unknown): Promise<void> {
  const pool = await orm.em.getConnection().getNativeClient();
  const isNew = new WeakSet<object>();
  const watched = new WeakSet<object>();
  pool.on('connect', (client) => void isNew.add(client));
  pool.on('acquire', (client) => {
    if (watched.has(client)) return;
    watched.add(client);
    const query = client.query.bind(client) as (...parameters: unknown[]) => unknown;
    Object.assign(client, {
      query: (...parameters: unknown[]) => {
        if (!isNew.delete(client)) callback(...parameters);
        return query(...parameters);
      },
    });
  });
}
