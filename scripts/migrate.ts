// npm run migrate: brings the database of DATABASE_URL to this version's schema. Run it before the API and the workers
// of a release.
import { migrate } from '../db/migrate.ts';
import { checkDatabase } from '../worker/process/external-servers.ts';
import { readVariables } from '../worker/process/variables.ts';
import { messageOf } from '../telemetry/message-of.ts';

try {
  const { DATABASE_URL: databaseUrl } = readVariables(process.env, {
    DATABASE_URL: 'a URL such as postgres://user:password@host:5432/database',
  });
  await checkDatabase(databaseUrl!);
  await migrate(databaseUrl!, undefined, (sentence) => console.log(`… ${sentence}`));
  console.log('✓ The database has the schema of this version');
} catch (error) {
  console.error(`✗ ${messageOf(error)}`);
  process.exitCode = 1;
}
