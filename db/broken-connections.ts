import type { Pool, PoolClient } from 'pg';

/**
 * Gives the place of a connection that breaks inside a transaction back to the pool. The ORM's query builder releases a
 * transaction's connection after its rollback only, and a rollback on a broken connection fails: without this, each
 * restart of PostgreSQL would make the pool smaller for good, by the transactions that were open.
 */
export function releaseBrokenConnections(pool: Pool): void {
  const inUse = new WeakSet<PoolClient>();
  pool.on('acquire', (client) => inUse.add(client));
  pool.on('release', (_error, client) => inUse.delete(client));
  pool.on('connect', (client) => {
    client.once('end', () => {
      if (!inUse.has(client)) return;
      const release = client.release.bind(client);
      // Whoever holds it may still release it himself, and a second time would be an error.
      client.release = () => undefined;
      release(true);
    });
  });
}
