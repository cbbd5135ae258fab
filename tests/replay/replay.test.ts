import { readFileSync, readdirSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { beforeAll, describe, expect, test } from '@jest/globals';
import { DefaultLogger, Runtime, Worker, bundleWorkflowCode, makeTelemetryFilterString } from '@temporalio/worker';
import * as workflows from '../../workflows/index.ts';
import { workflowBundleFile } from '../support/workflow-bundle-file.ts';
import { payloadFields, withChangedPayloads, type History } from './changed-payloads.ts';
import { recordMissingHistories } from './record.ts';
import { hashesOfReleases, RELEASED } from './released-histories.ts';

const folder = fileURLToPath(new URL('./histories', import.meta.url));
const logger = new DefaultLogger('ERROR');

const release = process.env['RECORD_HISTORIES'];
if (release) await recordMissingHistories(release);

/** `0.1.0/period-started-awake.json` */
const files = (readdirSync(folder, { recursive: true }) as string[])
  .filter((file) => file.endsWith('.json'))
  .toSorted();

const historyOf = (file: string): History => JSON.parse(readFileSync(`${folder}/${file}`, 'utf8')) as History;

const bundleOf = async (path: string): Promise<string> =>
  (await bundleWorkflowCode({ workflowsPath: fileURLToPath(new URL(path, import.meta.url)), logger })).code;

/** Without these a workflow cannot know how it waits, or how an activity has ended; every release has to say them. */
const ESSENTIAL = new Set(['dueAt', 'frozen', 'outcome', 'waitMs', 'parts']);

const workflowOf = (file: string): string | undefined => {
  const events = historyOf(file)['events'] as {
    readonly workflowExecutionStartedEventAttributes?: { readonly workflowType: { readonly name: string } };
  }[];
  return events[0]?.workflowExecutionStartedEventAttributes?.workflowType.name;
};

describe('histories of every release', () => {
  let codePath: string;
  beforeAll(async () => {
    // Histories that end in the middle of their work leave the replay waiting, which it would tell at length.
    Runtime.install({
      logger,
      telemetryOptions: { logging: { filter: makeTelemetryFilterString({ core: 'ERROR' }) } },
    });
    codePath = await workflowBundleFile();
  });

  const replay = (history: History, name: string): Promise<void> =>
    Worker.runReplayHistory({ workflowBundle: { codePath } }, history, name);

  test.each(files)('%s replays on the code as it is', async (file) => {
    await expect(replay(historyOf(file), file)).resolves.toBeUndefined();
  });

  // What a later release may write, since both run side by side while one replaces the other.
  test.each(files)('%s replays when its payloads say more than this version knows', async (file) => {
    const more = withChangedPayloads(historyOf(file), (object) => ({ ...object, ofALaterRelease: { list: [1] } }));
    expect(payloadFields(more).includes('ofALaterRelease')).toBe(payloadFields(historyOf(file)).length > 0);
    await expect(replay(more, file)).resolves.toBeUndefined();
  });

  // What an earlier release may not have written yet.
  test.each(files)('%s replays when its payloads lack any field that has a default', async (file) => {
    for (const name of payloadFields(historyOf(file)).filter((one) => !ESSENTIAL.has(one))) {
      const less = withChangedPayloads(historyOf(file), ({ [name]: _, ...rest }) => rest);
      await expect(replay(less, `${file} without ${name}`)).resolves.toBeUndefined();
    }
  });

  test('a first or last invoice without a moment is due at once, and a list without a place begins at its start', async () => {
    const without = (file: string, name: string) =>
      withChangedPayloads(historyOf(file), ({ [name]: _, ...rest }) => rest);
    for (const [file, name] of [
      ['0.1.0/start.json', 'dueAt'],
      ['0.1.0/end.json', 'dueAt'],
      ['0.1.0/flag-drafts.json', 'after'],
    ] as const) {
      await expect(replay(without(file, name), file)).resolves.toBeUndefined();
    }
  });

  test('those of a release stay as they were', () => {
    expect(hashesOfReleases(folder)).toMatchObject(RELEASED);
  });

  test('there is one of each workflow', () => {
    const recorded = new Set(files.map(workflowOf));
    // One that was renamed was recorded under its former name.
    const replayed = new Set(Object.entries(workflows).flatMap(([name, run]) => (recorded.has(name) ? [run] : [])));
    expect(Object.entries(workflows).filter(([, run]) => !replayed.has(run))).toEqual([]);
  });

  test('a changed workflow is found out', async () => {
    const changed = await bundleOf('./fixtures/changed-period.ts');
    await expect(
      Worker.runReplayHistory({ workflowBundle: { code: changed } }, historyOf('0.1.0/period-started-awake.json')),
    ).rejects.toThrow(/[Nn]ondeterminism/);
  });
});
