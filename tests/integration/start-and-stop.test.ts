/**
 * npm start, with stand-ins for the API and the worker: what is started, healed, adopted and stopped, and what is said
 * of it.
 *
 * @inOrder Each test goes on with what the one before it left.
 */
import { once } from 'node:events';
import { existsSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import {
  newDataFolder,
  processesOf,
  startStandingIn,
  type Part,
  type StandingIn,
} from '../support/stand-in/standing-in.ts';
import { until } from '../support/until.ts';

const UP = 'Ctrl-C stops everything.';

const portOf = (dataFolder: string): number =>
  (JSON.parse(readFileSync(join(dataFolder, 'run-state.json'), 'utf8')) as { port: number }).port;

async function answerOf({ dataFolder }: StandingIn, path = '/'): Promise<Record<string, string>> {
  const response = await fetch(`http://127.0.0.1:${portOf(dataFolder)}${path}`);
  return (await response.json()) as Record<string, string>;
}

const kill = (dataFolder: string, part: Part): void => {
  const { pid } = processesOf(dataFolder)[part] ?? {};
  if (pid === undefined) throw new Error(`${part} does not run`);
  process.kill(pid, 'SIGKILL');
};

const log = (dataFolder: string, file: string): string => readFileSync(join(dataFolder, 'logs', file), 'utf8');

describe('the life of a data folder', () => {
  const dataFolder = newDataFolder();
  let durabill: StandingIn;
  let before: ReturnType<typeof processesOf>;

  test('the first start tells the story and shows where everything is', async () => {
    durabill = startStandingIn(dataFolder, { TEMPORAL_TLS: 'true', PGOPTIONS: '-c wrong=setting' });
    await durabill.shows(UP);
    const url = `http://127.0.0.1:${portOf(dataFolder)}`;
    expect(durabill.output()).toContain(`The story is told to ${url}\n`);
    for (const fact of [
      `API          ${url}/api/v1`,
      `Docs         ${url}/docs`,
      'API key      key-of-the-first-organization',
      '             of "My organization", which bills in real time',
      'Sample key   key-of-the-story',
      '             of the sample organization, whose test clock stands at 2001-04-01T00:00:00Z',
    ]) {
      expect(durabill.output()).toContain(`  ${fact}\n`);
    }
    expect(durabill.output()).toMatch(/ Temporal UI {2}http:\/\/127\.0\.0\.1:\d+\n/);
    expect(Object.keys(processesOf(dataFolder))).toEqual(['supervisor', 'api', 'worker', 'postgres', 'temporal']);
  });

  test('secrets are readable by their owner alone', () => {
    const modes = ['admin-key', 'secret-key', 'api-key', 'sample-api-key'].map(
      (name) => statSync(join(dataFolder, name)).mode & 0o777,
    );
    expect(modes).toEqual([0o600, 0o600, 0o600, 0o600]);
  });

  test('what a developer has set for other servers does not reach the processes', async () => {
    const answer = await answerOf(durabill);
    expect(answer['DATABASE_URL']).toMatch(/^postgres:\/\/durabill@127\.0\.0\.1:\d+\/durabill$/);
    expect(answer).not.toHaveProperty('TEMPORAL_TLS');
    expect(answer).not.toHaveProperty('PGOPTIONS');
  });

  test('a second start on the same folder says that there is one', async () => {
    const second = startStandingIn(dataFolder);
    expect(await second.ended).toBe(1);
    expect(second.output()).toMatch(
      /^✗ durabill is already running with the data folder .* \(process \d+\): stop it first.*\n$/,
    );
  });

  test.each(['api', 'worker', 'postgres', 'temporal'] as const)(
    'kill -9 of %s is healed, and the others live on',
    async (part) => {
      const former = processesOf(dataFolder);
      const answered = await answerOf(durabill);
      kill(dataFolder, part);
      await until(() => {
        const now = processesOf(dataFolder)[part];
        return now !== undefined && now.startedAt !== former[part]?.startedAt;
      }, `${part} runs again`);
      const names = { api: 'The API', worker: 'The worker', postgres: 'PostgreSQL', temporal: 'Temporal' };
      await durabill.shows(`✓ ${names[part]} runs again`);
      expect({ ...processesOf(dataFolder), [part]: undefined }).toEqual({ ...former, [part]: undefined });
      const { pid: _pid, ...addresses } = answered;
      expect(await answerOf(durabill)).toMatchObject(addresses);
    },
  );

  test('kill -9 of the supervisor: its children stop by themselves, the servers stay', async () => {
    before = processesOf(dataFolder);
    kill(dataFolder, 'supervisor');
    expect(await durabill.ended).toBe('SIGKILL');
    await until(() => Object.keys(processesOf(dataFolder)).join() === 'postgres,temporal', 'the children are gone');
    expect(log(dataFolder, 'api.log')).toMatch(/API stops: parent gone\nAPI stopped\n$/);
    expect(log(dataFolder, 'worker.log')).toMatch(/worker stopped: parent gone\n$/);
  });

  test('the next start takes the servers over and tells no second story', async () => {
    durabill = startStandingIn(dataFolder);
    await durabill.shows(UP);
    const { postgres, temporal } = processesOf(dataFolder);
    expect({ postgres, temporal }).toEqual({ postgres: before.postgres, temporal: before.temporal });
    expect(durabill.output()).not.toContain('The story is told');
    expect(durabill.output()).toContain('API key      key-of-the-first-organization');
    expect(durabill.output()).toContain('Sample key   key-of-the-story');
  });

  test('SIGTERM answers what was asked, stops everything in order, and exits with 0', async () => {
    const slow = answerOf(durabill, '/slow');
    await until(() => existsSync(join(dataFolder, 'slow-began')), 'the request is being answered');
    durabill.signal('SIGTERM');
    // npm and the terminal deliver Ctrl-C twice within moments: that is one wish.
    durabill.signal('SIGINT');
    await until(() => log(dataFolder, 'api.log').includes('API stops: signal'), 'the API stops');
    expect(Object.keys(processesOf(dataFolder))).toEqual(['supervisor', 'api', 'worker', 'postgres', 'temporal']);
    writeFileSync(join(dataFolder, 'slow-may-end'), '');
    expect(await slow).toHaveProperty('pid');
    expect(await durabill.ended).toBe(0);
    expect(durabill.output()).toMatch(/✓ API stopped\n✓ Worker stopped\n✓ Temporal stopped\n✓ PostgreSQL stopped\n$/);
    expect(processesOf(dataFolder)).toEqual({});
    expect(existsSync(join(dataFolder, 'lock'))).toBe(false);
  });

  test('a second Ctrl-C, by a person, ends it at once; nothing is left but the servers', async () => {
    durabill = startStandingIn(dataFolder);
    await durabill.shows(UP);
    writeFileSync(join(dataFolder, 'slow-may-end'), '');
    const { rm } = await import('node:fs/promises');
    await Promise.all(['slow-began', 'slow-may-end'].map((file) => rm(join(dataFolder, file), { force: true })));
    const slow = answerOf(durabill, '/slow').catch(() => 'cut off');
    await until(() => existsSync(join(dataFolder, 'slow-began')), 'the request is being answered');
    durabill.signal('SIGINT');
    await durabill.shows('Stopping');
    const again = setInterval(() => durabill.signal('SIGINT'), 100);
    expect(await durabill.ended).toBe(1);
    clearInterval(again);
    expect(await slow).toBe('cut off');
    await until(() => Object.keys(processesOf(dataFolder)).join() === 'postgres,temporal', 'the children are gone');
  });

  test('a child that ends at once, five times in a row, ends the start with what it said last', async () => {
    durabill = startStandingIn(dataFolder, { STAND_IN_CRASH: 'api' });
    expect(await durabill.ended).toBe(1);
    expect(durabill.output()).toContain('    Error: The stand-in was told to crash.\n');
    expect(durabill.output()).toContain(
      '✗ The API ended 5 times in a row, at last with code 1 before it was ready: its log',
    );
    expect(processesOf(dataFolder)).toEqual({});
  });
});

describe('what cannot be started is said in one sentence', () => {
  test.each([
    [{ PORT: 'abc' }, 'PORT is "abc"; it must be a whole number from 0 to 65535.'],
    [{ DURABILL_DEMO: 'maybe' }, 'DURABILL_DEMO is "maybe"; it must be "true" or "false".'],
    [{ DURABILL_ADMIN_KEY: 'short' }, 'DURABILL_ADMIN_KEY must be at least 16 characters long.'],
    [
      { DATABASE_URL: 'mysql://a:secret@b/c' },
      'DATABASE_URL must be a URL such as postgres://user:password@host:5432/database.',
    ],
    [
      { DATABASE_URL: 'postgres://a@127.0.0.1:9' },
      'DATABASE_URL must be a URL such as postgres://user:password@host:5432/database.',
    ],
    [
      { DATABASE_URL: 'postgres://a%@127.0.0.1:9/c' },
      'DATABASE_URL must be a URL such as postgres://user:password@host:5432/database.',
    ],
    [
      { DATABASE_URL: 'postgres://a@127.0.0.1:9/c' },
      'No PostgreSQL answers at 127.0.0.1:9: start it there, or correct DATABASE_URL.',
    ],
    [
      { TEMPORAL_ADDRESS: '127.0.0.1:9' },
      'No Temporal answers at 127.0.0.1:9: start it there, or correct TEMPORAL_ADDRESS (and TEMPORAL_TLS, TEMPORAL_API_KEY).',
    ],
  ])('%j', async (environment, sentence) => {
    const dataFolder = newDataFolder();
    const durabill = startStandingIn(dataFolder, environment);
    expect(await durabill.ended).toBe(1);
    expect(
      durabill
        .output()
        .split('\n')
        .filter((line) => !line.startsWith('›')),
    ).toEqual([`✗ ${sentence}`, '']);
    expect(processesOf(dataFolder)).toEqual({});
  });

  test('a port that somebody else holds', async () => {
    const stranger = createServer().listen(0, '127.0.0.1');
    await once(stranger, 'listening');
    const address = stranger.address();
    const port = typeof address === 'object' && address ? address.port : 0;
    const durabill = startStandingIn(newDataFolder(), { PORT: String(port) });
    expect(await durabill.ended).toBe(1);
    stranger.close();
    expect(durabill.output()).toContain(
      `✗ Port ${port} is in use by another program: stop that program, or choose another port, for example PORT=${port + 1} npm start\n`,
    );
  });

  test('a data folder that is a file', async () => {
    const durabill = startStandingIn(`${newDataFolder()}/../../owner.json`);
    expect(await durabill.ended).toBe(1);
    expect(durabill.output()).toMatch(/^✗ \S+ is a file: choose another folder with DURABILL_DATA_DIR\.\n$/);
  });
});
