// node scripts/up/download-temporal.ts cli|test-server VERSION FOLDER
// Temporal's own download of its server. A process of its own, so that a download which hangs can be ended.
import { TestWorkflowEnvironment } from '@temporalio/testing';

const [kind, version = 'default', downloadDir = '.'] = process.argv.slice(2);
const server = { executable: { type: 'cached-download', version, downloadDir } } as const;

// The SDK downloads a server only by starting it.
const environment =
  kind === 'cli'
    ? await TestWorkflowEnvironment.createLocal({ server })
    : await TestWorkflowEnvironment.createTimeSkipping({ server });
await environment.teardown();
