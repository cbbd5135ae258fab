import { chownSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { Client } from 'pg';
import type { Certificate } from './certificate.ts';

/**
 * Has a running PostgreSQL speak TLS, and makes two roles that it lets in over TLS alone: `sealed` with the password
 * `its own`, and `open` without one.
 */
export async function sealPostgres(adminUrl: string, { certificateFile, keyFile }: Certificate): Promise<void> {
  const client = new Client({ connectionString: adminUrl });
  await client.connect();
  try {
    const { rows } = await client.query<{ data_directory: string }>('show data_directory');
    const cluster = rows[0]?.data_directory ?? '';
    for (const file of [certificateFile, keyFile]) {
      const kept = join(cluster, basename(file));
      writeFileSync(kept, readFileSync(file), { mode: 0o600 });
      const { uid, gid } = statSync(cluster);
      // PostgreSQL, which then runs as a user of its own, takes a key of its own or of nobody's.
      if (process.getuid?.() === 0) chownSync(kept, uid, gid);
    }
    const hba = join(cluster, 'pg_hba.conf');
    // The first line that fits decides.
    const rules = [
      'hostssl all sealed all scram-sha-256',
      'hostssl all open all trust',
      'hostnossl all sealed all reject',
      'hostnossl all open all reject',
    ];
    writeFileSync(hba, [...rules, readFileSync(hba, 'utf8')].join('\n'));
    await client.query(`create user sealed password 'its own'`);
    await client.query('create user open');
    await client.query('alter system set ssl = on');
    await client.query('select pg_reload_conf()');
  } finally {
    await client.end();
  }
}

/** The URL of a database as one of these roles. */
export function sealedUrl(databaseUrl: string, role: 'sealed' | 'open', { certificateFile }: Certificate): string {
  const url = new URL(databaseUrl);
  // By its name: the driver that the ORM brings checks a certificate against names alone.
  url.hostname = 'localhost';
  url.username = role;
  url.password = role === 'sealed' ? encodeURIComponent('its own') : '';
  return `${url.href}?sslmode=verify-full&sslrootcert=${encodeURIComponent(certificateFile)}`;
}
