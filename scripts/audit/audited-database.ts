import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { recall } from '../up/remembered.ts';
import { readConfiguration } from '../up/configuration.ts';

/**
 * The database that an operator means: that of `DATABASE_URL`, or else the embedded one of the data folder, which must
 * be running.
 *
 * @throws Error with one sentence when there is none.
 */
export function auditedDatabase(environment: NodeJS.ProcessEnv): string {
  const { databaseUrl, dataDirectory } = readConfiguration(environment);
  if (databaseUrl !== undefined) return databaseUrl;
  const memory = join(dataDirectory, 'postgres.json');
  const { port } = existsSync(memory) ? recall(memory) : { port: undefined };
  if (typeof port === 'number') return `postgresql://durabill@127.0.0.1:${port}/durabill`;
  throw new Error(`DATABASE_URL is not set, and no database has been started in ${dataDirectory}.`);
}
