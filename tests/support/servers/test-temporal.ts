import { sharedServer, type SharedTemporal } from './shared-servers.ts';

/** The run's Temporal dev server; a test file keeps to task queues and workflow ids of its own. */
export function testTemporal(): Promise<SharedTemporal> {
  return sharedServer('temporal');
}
