import { readFileSync, readdirSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { beforeAll, describe, expect, test } from '@jest/globals';
import { DefaultLogger, Runtime, Worker, bundleWorkflowCode } from '@temporalio/worker';
import * as workflows from '../../workflows/index.ts';
import { workflowBundleFile } from '../support/workflow-bundle-file.ts';
import { recordMissingHistories } from './record.ts';

const folder = fileURLToPath(new URL('./histories', import.meta.url));
const logger = new DefaultLogger('ERROR');

if (process.env['RECORD_HISTORIES'] === 'true') await recordMissingHistories();

const files = readdirSync(folder).filter((file) => file.endsWith('.json'));

interface History {
  readonly events: { readonly workflowExecutionStartedEventAttributes?: { workflowType: { name: string } } }[];
}

const historyOf = (file: string): History => JSON.parse(readFileSync(`${folder}/${file}`, 'utf8')) as History;

const bundleOf = async (path: string): Promise<string> =>
  (await bundleWorkflowCode({ workflowsPath: fileURLToPath(new URL(path, import.meta.url)), logger })).code;

describe('histories of running periods', () => {
  let codePath: string;
  beforeAll(async () => {
    Runtime.install({ logger });
    codePath = await workflowBundleFile();
  });

  test.each(files)('%s replays on the code as it is', async (file) => {
    await expect(
      Worker.runReplayHistory({ workflowBundle: { codePath } }, historyOf(file), file),
    ).resolves.toBeUndefined();
  });

  test('there is one of each workflow', () => {
    const recorded = new Set(
      files.map((file) => historyOf(file).events[0]?.workflowExecutionStartedEventAttributes?.workflowType.name),
    );
    expect(Object.keys(workflows).filter((name) => !recorded.has(name))).toEqual([]);
  });

  test('a changed workflow is found out', async () => {
    const changed = await bundleOf('./fixtures/changed-period.ts');
    await expect(
      Worker.runReplayHistory({ workflowBundle: { code: changed } }, historyOf('period-started-awake.json')),
    ).rejects.toThrow(/[Nn]ondeterminism/);
  });
});
