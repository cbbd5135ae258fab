// npm run schema: writes db/schema.sql, from the catalog of an empty database that every migration has run on.
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { startEmbeddedPostgres } from './up/embedded-postgres.ts';
import { migrate } from '../db/migrate.ts';
import { schemaSnapshot } from '../db/schema-snapshot.ts';

const folder = mkdtempSync(join(tmpdir(), 'durabill-schema-'));
// As root PostgreSQL runs as a user of its own, who has to get in.
chmodSync(folder, 0o755);
try {
  const postgres = await startEmbeddedPostgres({ dataDirectory: join(folder, 'postgres') });
  try {
    await migrate(postgres.databaseUrl);
    writeFileSync(
      fileURLToPath(new URL('../db/schema.sql', import.meta.url)),
      await schemaSnapshot(postgres.databaseUrl),
    );
  } finally {
    await postgres.stop();
  }
} finally {
  rmSync(folder, { recursive: true, force: true });
}
console.log('✓ db/schema.sql says what the migrations make');
