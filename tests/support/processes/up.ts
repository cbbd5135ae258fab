import { join } from 'node:path';
import { makeRunFolder, removeRunFolder } from './run-folder.ts';
import { openSharedServers } from '../servers/shared-servers.ts';

/**
 * Runs once before all test files, in jest's own process. It starts no server: the first test file that needs one does.
 */
export default async function up(): Promise<void> {
  const folder = makeRunFolder();
  const servers = await openSharedServers(folder);
  process.env['DURABILL_TEST_RUN'] = folder;
  process.env['DURABILL_TEST_SERVERS'] = servers.url;
  // Every process that a test starts loads the same few hundred modules: what Node makes of them is kept, which halves
  // its start.
  process.env['NODE_COMPILE_CACHE'] = join(folder, 'compile-cache');

  const end = async (): Promise<void> => {
    try {
      await servers.close();
    } finally {
      const killed = removeRunFolder(folder);
      if (killed.length > 0) console.error(`Processes that the tests left running were killed: ${killed.join(', ')}`);
    }
  };
  globalThis.endTestRun = end;
  // Should jest be ended without its tear-down, there is no time left to stop anything gently.
  process.once('exit', () => removeRunFolder(folder));
  for (const signal of ['SIGINT', 'SIGTERM'] as const) {
    process.once(signal, () => void end().finally(() => process.exit(130)));
  }
  // Without tests/run.ts, which started us, nobody reads what comes out.
  process.once('disconnect', () => void end().finally(() => process.exit(130)));
  process.channel?.unref();
}

declare global {
  var endTestRun: (() => Promise<void>) | undefined;
}
