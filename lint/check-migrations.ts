// A part of `npm run check`: what the migrations that are not released yet would do to tables in use, and whether
// db/schema.sql is of the last of them.
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { loadModule } from 'libpg-query';
import { shippedMigrations } from '../db/migrations-pending.ts';
import { snapshotOf } from '../db/schema-snapshot.ts';
import { readMigration } from './migrations/read-migration.ts';
import { findingsOf } from './migrations/rules.ts';
import { unreleasedMigrations } from './migrations/unreleased.ts';

await loadModule();
const migrations = await Promise.all(
  unreleasedMigrations(fileURLToPath(new URL('..', import.meta.url))).map((file) => readMigration(file)),
);
const findings = migrations.flatMap(findingsOf);
for (const { migration, rule, message, sql } of findings) {
  console.error(`✗ ${migration}: ${rule}\n    ${sql.trim().replaceAll('\n', '\n    ')}\n  ${message}\n`);
}
const snapshot = readFileSync(new URL('../db/schema.sql', import.meta.url), 'utf8');
const isStale = !snapshot.includes(snapshotOf([...(await shippedMigrations())]));
if (isStale) console.error('✗ db/schema.sql is not of these migrations: npm run schema\n');
if (findings.length > 0 || isStale) process.exitCode = 1;
else console.log(`✓ ${migrations.length} migrations that are not released yet are safe for tables in use`);
