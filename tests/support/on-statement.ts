import type { MikroORM } from '@mikro-orm/postgresql';

/** Calls back for every statement that the ORM sends from now on. */
export async function onStatement(orm: MikroORM, callback: () => void): Promise<void> {
  const pool = await orm.em.getConnection().getNativeClient();
  const watched = new WeakSet<object>();
  pool.on('acquire', (client) => {
    if (watched.has(client)) return;
    watched.add(client);
    const query = client.query.bind(client) as (...parameters: unknown[]) => unknown;
    Object.assign(client, {
      query: (...parameters: unknown[]) => {
        callback();
        return query(...parameters);
      },
    });
  });
}
