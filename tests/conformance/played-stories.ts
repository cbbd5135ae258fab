import { existsSync, mkdirSync, readFileSync, rmSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { freePort } from '../support/servers/free-port.ts';
import { REPOSITORY } from '../support/repository.ts';
import { runCommand } from '../support/processes/run-command.ts';
import { runningDurabill } from '../support/processes/running-durabill.ts';

export interface PlayedStory {
  readonly name: string;
  readonly ok: boolean;
  /** The first failing step, expected against actual; null when the story passed. */
  readonly why: string | null;
  readonly ms: number;
}

export interface PlayOptions {
  /** Only stories whose file, name or covers contain this. */
  readonly filter?: string | undefined;
  readonly withinMs: number;
}

/** The results of the last play, kept for `accept.ts`. */
export const RESULTS_FILE = join(REPOSITORY, '.cache', 'stories.json');

/** Stories played side by side. A story mostly waits for the server, which has two cores for all of its processes. */
const JOBS = 8;

/**
 * Plays the stories once, over HTTP against a durabill of their own, with the runner's stand-ins for VIES and for the
 * receiver of webhooks.
 */
export async function playStories({ filter, withinMs }: PlayOptions): Promise<PlayedStory[]> {
  const [viesPort, hookPort] = await Promise.all([freePort(), freePort()]);
  const durabill = await runningDurabill({
    environment: { VIES_URL: `http://127.0.0.1:${viesPort}`, DURABILL_ALLOW_PRIVATE_WEBHOOKS: 'true' },
  });
  try {
    mkdirSync(dirname(RESULTS_FILE), { recursive: true });
    rmSync(RESULTS_FILE, { force: true });
    const { exitCode, output } = await runCommand(
      process.execPath,
      [
        join(REPOSITORY, 'tests', 'conformance', 'run.mjs'),
        ...['--url', durabill.url, '--admin-key', durabill.adminKey, '--jobs', String(JOBS), '--json', RESULTS_FILE],
        ...[
          '--vies-port',
          String(viesPort),
          '--hook-port',
          String(hookPort),
          ...(filter === undefined ? [] : ['--filter', filter]),
        ],
      ],
      { cwd: REPOSITORY, timeoutMs: withinMs },
    );
    if (exitCode === undefined || exitCode > 1 || !existsSync(RESULTS_FILE)) {
      throw new Error(
        `The stories were not played to the end (exit code ${exitCode}):\n${output}\n${durabill.log('api')}`,
      );
    }
    return (JSON.parse(readFileSync(RESULTS_FILE, 'utf8')) as { results: PlayedStory[] }).results;
  } finally {
    await durabill.stop();
  }
}
