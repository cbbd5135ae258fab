import { startEmbeddedPostgres } from './embedded-postgres.ts';
import { freePort, portProblem } from '../../worker/process/free-port.ts';
import { killHard, waitForEnd } from './process-status.ts';
import { missingRights } from '../../db/role-rights.ts';
import { makeAnnouncer, type Announcer } from './announcer.ts';
import { readConfiguration, type Configuration } from './configuration.ts';
import { openDataFolder, type DataFolder } from './data-folder.ts';
import { startEmbeddedTemporal, withoutTemporalSettings } from './embedded-temporal.ts';
import { fullDiskSentence, isDiskFull, saysDiskIsFull, watchDisk } from './disk-watch.ts';
import { checkDatabase, checkTemporal } from '../../worker/process/external-servers.ts';
import {
  FIRST_ORGANIZATION,
  isEmptyDatabase,
  makeFirstOrganization,
  testClockOf,
  type FirstRunFacts,
  type FirstRunStory,
} from './first-run.ts';
import { keepChildRunning, type KeptChild } from './kept-child.ts';
import { keepServerRunning, type KeptServer } from './kept-server.ts';
import { openRunState, type RunStateFile } from './run-state.ts';
import { keepSecret, readSecret, writeSecret } from './secrets.ts';
import { onShutdown } from '../../worker/process/shutdown.ts';
import { watchSource } from './source-watch.ts';
import { messageOf } from '../../telemetry/message-of.ts';

export interface SupervisePlan {
  /** The arguments of `node` for our two processes. */
  readonly api: readonly string[];
  readonly worker: readonly string[];
  readonly migrate: (databaseUrl: string) => Promise<void>;
  /** Billed when the database was empty. */
  readonly sampleStory: FirstRunStory;
  /** Restart our processes when the source changes. */
  readonly watch: boolean;
}

/** Files of the data folder. */
const API_KEY = 'api-key';
const SAMPLE_API_KEY = 'sample-api-key';

/** How long the API may take to answer what it has accepted, and the worker to finish what it has begun. */
const API_STOP_LIMIT_MS = 26_000;
const WORKER_STOP_LIMIT_MS = 26_000;
const FORMER_CHILDREN_LIMIT_MS = 20_000;
const STOP_LIMIT_MS = 120_000;
const LINGER_LIMIT_MS = 3000;

/** What runs, in the order of its start; stopped in the order of `stopAll`. */
interface Running {
  folder?: DataFolder;
  postgres?: KeptServer;
  temporal?: KeptServer;
  worker?: KeptChild;
  api?: KeptChild;
  stopWatching?: () => void;
  stopWatchingDisk?: () => void;
}

/** What every start step may use. */
interface Start {
  readonly plan: SupervisePlan;
  readonly configuration: Configuration;
  readonly folder: DataFolder;
  readonly state: RunStateFile;
  readonly announce: Announcer;
  readonly running: Running;
  /** Aborted when everything is to end: by a signal, or with an error as its reason. */
  readonly ending: AbortSignal;
  readonly giveUp: (message: string) => void;
}

/**
 * Starts a durabill and keeps it running until a signal asks for its end; then stops everything in order. Sets the exit
 * code: 0 after a signal, 1 when something could not be started or kept running, said in one sentence.
 */
export async function supervise(plan: SupervisePlan): Promise<void> {
  const running: Running = {};
  const announce = makeAnnouncer(() => running.folder && `${running.folder.logs}/supervisor.log`);
  const ending = new AbortController();
  const over = Promise.withResolvers<void>();
  let asked = false;
  onShutdown(
    async () => {
      asked = true;
      announce.step('Stopping (once more: at once)');
      ending.abort();
      await over.promise;
    },
    { limitMs: STOP_LIMIT_MS },
  );
  process.once('exit', () => {
    running.api?.kill();
    running.worker?.kill();
  });
  const isAsked = () => asked;
  try {
    const start = await prepare(plan, running, announce, ending);
    await bringUp(start);
    await unlessEnding(new Promise<never>(() => undefined), ending.signal);
  } catch (error) {
    if (!isAsked()) {
      announce.fail(sentenceOf(error));
      process.exitCode = 1;
    }
  }
  await stopAll(running, announce);
  over.resolve();
  // Nothing should be left to do; what is left anyway must not keep the terminal waiting.
  setTimeout(() => process.exit(), LINGER_LIMIT_MS).unref();
}

/** What a server wrote about a full disk is of use to nobody before the disk is known. */
function sentenceOf(error: unknown): string {
  const message = messageOf(error);
  if (!saysDiskIsFull(error)) return message;
  return `${fullDiskSentence(readConfiguration(process.env).dataDirectory)} (${message})`;
}

async function prepare(
  plan: SupervisePlan,
  running: Running,
  announce: Announcer,
  ending: AbortController,
): Promise<Start> {
  const configuration = readConfiguration(process.env);
  const folder = await openDataFolder(configuration.dataDirectory);
  running.folder = folder;
  const { databaseUrl, temporalAddress } = configuration;
  if ((databaseUrl === undefined || temporalAddress === undefined) && isDiskFull(folder.path)) {
    throw new Error(fullDiskSentence(folder.path));
  }
  const state = openRunState(folder.file('run-state.json'), folder.isNew);
  running.stopWatchingDisk = watchDisk({ folder: folder.path, announce, onRoom: () => state.change({}) });
  const giveUp = (message: string) => ending.abort(new Error(message));
  return { plan, configuration, folder, state, announce, running, ending: ending.signal, giveUp };
}

/** Waits for something that may be left behind when everything ends; then fails with the reason of the end. */
async function unlessEnding<T>(promise: Promise<T>, ending: AbortSignal): Promise<T> {
  const { promise: ended, reject } = Promise.withResolvers<never>();
  const onEnd = () => reject(ending.reason as Error);
  ending.addEventListener('abort', onEnd);
  if (ending.aborted) onEnd();
  try {
    return await Promise.race([promise, ended]);
  } finally {
    ending.removeEventListener('abort', onEnd);
  }
}

async function bringUp(start: Start): Promise<void> {
  const { plan, configuration, folder, state, announce, ending } = start;
  announce.step(`Starting, with the data in ${folder.path}`);
  await endFormerChildren(start);
  const port = await choosePort(start);
  const adminKey = keepSecret(folder.file('admin-key'), configuration.adminKey);
  const secretKey = keepSecret(folder.file('secret-key'), configuration.secretKey);

  // What we start ourselves only when what others run is there.
  const [givenDatabase, givenTemporal] = await bothOf(useGivenDatabase(start), useGivenTemporal(start));
  ending.throwIfAborted();
  const [databaseUrl, temporal] = await bothOf(
    givenDatabase ?? startPostgres(start),
    givenTemporal ?? startTemporal(start),
  );
  ending.throwIfAborted();
  if (state.now.firstRun === 'undecided') {
    state.change({ firstRun: (await isEmptyDatabase(databaseUrl)) ? 'wanted' : 'done' });
  }
  await plan.migrate(databaseUrl);
  const missing = givenDatabase === undefined ? undefined : await missingRights(databaseUrl, 'work');
  if (missing !== undefined) throw new Error(missing);
  ending.throwIfAborted();

  const apiUrl = `http://${reachableHost(configuration.host)}:${port}`;
  await startChildren(start, {
    ...temporal.environment,
    DATABASE_URL: databaseUrl,
    DURABILL_ADMIN_KEY: adminKey,
    DURABILL_SECRET_KEY: secretKey,
    DURABILL_PUBLIC_URL: configuration.publicUrl ?? apiUrl,
    DURABILL_DATA_DIR: folder.path,
    HOST: configuration.host,
    PORT: String(port),
  });
  const addresses = addressesOf(start, apiUrl, temporal.uiUrl);
  if (state.now.firstRun === 'wanted' && configuration.demo) show(announce, addresses);
  const memoryFile = folder.file('sample-story.json');
  await tellFirstStory(start, { apiUrl, adminKey, temporalUiUrl: temporal.uiUrl, memoryFile, signal: ending });
  show(announce, [...addresses, ...(await keysOf(folder, apiUrl))]);
  announce.plain('Ctrl-C stops everything.');
}

/**
 * The API and worker of a killed supervisor end by themselves; two workers would be harmless, but the API holds the
 * port.
 */
async function endFormerChildren({ state, announce }: Start): Promise<void> {
  for (const child of state.now.children) {
    if (await waitForEnd(child, 100)) continue;
    announce.step('Waiting for the processes of the last start to end');
    if (await waitForEnd(child, FORMER_CHILDREN_LIMIT_MS)) continue;
    killHard(child);
    await waitForEnd(child, FORMER_CHILDREN_LIMIT_MS);
  }
}

async function choosePort({ configuration, state }: Start): Promise<number> {
  const { host, port: wanted } = configuration;
  const port = wanted === 0 ? await freePort(state.now.port === undefined ? [] : [state.now.port]) : wanted;
  const problem = await portProblem(port, host);
  state.change({ port });
  switch (problem) {
    case undefined:
      return port;
    case 'EADDRINUSE':
      throw new Error(
        `Port ${port} is in use by another program: stop that program, or choose another port, for example ` +
          `PORT=${port + 1} npm start`,
      );
    case 'EACCES':
      throw new Error(`This user may not listen on port ${port}: choose one above 1023 with PORT.`);
    default:
      throw new Error(`The API cannot listen on ${host}:${port} (${problem}): correct HOST and PORT.`);
  }
}

/** Both results, or the first error, but only when neither is still starting something. */
async function bothOf<A, B>(first: A | Promise<A>, second: B | Promise<B>): Promise<[A, B]> {
  await Promise.allSettled([first, second]);
  return Promise.all([first, second]);
}

async function useGivenDatabase({ configuration, announce }: Start): Promise<string | undefined> {
  const { databaseUrl } = configuration;
  if (databaseUrl === undefined) return undefined;
  const { version } = await checkDatabase(databaseUrl);
  announce.done(`PostgreSQL ${version} at ${new URL(databaseUrl).host} (DATABASE_URL)`);
  return databaseUrl;
}

async function startPostgres({ folder, announce, running }: Start): Promise<string> {
  const name = 'PostgreSQL';
  // Meant for another server: they would change how the embedded one is connected to.
  for (const variable of Object.keys(process.env)) if (/^PG[A-Z]/.test(variable)) delete process.env[variable];
  const options = { dataDirectory: folder.path, onProgress: (text: string) => announce.step(`${name}: ${text}`) };
  const server = await startEmbeddedPostgres(options);
  const again = () => startEmbeddedPostgres({ ...options, port: server.port });
  running.postgres = keepServerRunning({ name, server, start: again, announce });
  announce.done(`${name} ${server.version} at 127.0.0.1:${server.port}${server.adopted ? ' (was still running)' : ''}`);
  return server.databaseUrl;
}

interface TemporalPlace {
  readonly uiUrl: string;
  readonly environment: NodeJS.ProcessEnv;
}

async function useGivenTemporal({ configuration, announce }: Start): Promise<TemporalPlace | undefined> {
  if (configuration.temporalAddress === undefined) return undefined;
  const { address, namespace } = await checkTemporal();
  announce.done(`Temporal at ${address}, namespace ${namespace} (TEMPORAL_ADDRESS)`);
  return { uiUrl: configuration.temporalUiUrl ?? '', environment: process.env };
}

async function startTemporal(start: Start): Promise<TemporalPlace> {
  const { configuration, folder, announce, running, ending } = start;
  const name = 'Temporal';
  const options = {
    dataDirectory: folder.path,
    namespace: configuration.temporalNamespace,
    onProgress: (text: string) => announce.step(`${name}: ${text}`),
    signal: ending,
  };
  const server = await startEmbeddedTemporal(options);
  const again = () => startEmbeddedTemporal({ ...options, ports: server.ports });
  running.temporal = keepServerRunning({ name, server, start: again, announce });
  announce.done(`${name} at ${server.address}${server.adopted ? ' (was still running)' : ''}`);
  return {
    uiUrl: server.uiUrl,
    environment: {
      ...withoutTemporalSettings(process.env),
      TEMPORAL_ADDRESS: server.address,
      TEMPORAL_NAMESPACE: server.namespace,
      TEMPORAL_UI_URL: server.uiUrl,
      DURABILL_EMBEDDED_TEMPORAL: 'true',
    },
  };
}

async function startChildren(start: Start, environment: NodeJS.ProcessEnv): Promise<void> {
  const { plan, folder, state, announce, running, giveUp } = start;
  const onStart = () => {
    const children = [running.api?.identity, running.worker?.identity].filter((child) => child !== undefined);
    state.change({ children });
  };
  const events = { announce, onStart, onGiveUp: giveUp };
  const common = { environment };
  running.worker = keepChildRunning(
    { ...common, name: 'the worker', command: plan.worker, log: `${folder.logs}/worker.log` },
    events,
  );
  onStart();
  running.api = keepChildRunning(
    { ...common, name: 'the API', command: plan.api, log: `${folder.logs}/api.log` },
    events,
  );
  onStart();
  await unlessEnding(Promise.all([running.worker.ready, running.api.ready]), start.ending);
  announce.done('API and worker');
  if (!plan.watch) return;
  const { api, worker } = running;
  running.stopWatching = watchSource(() => {
    announce.step('The source has changed: restarting API and worker');
    void Promise.all([api.restart(API_STOP_LIMIT_MS), worker.restart(WORKER_STOP_LIMIT_MS)]);
  });
}

/** An address that listens everywhere is reached here by the loopback one. */
function reachableHost(host: string): string {
  if (host === '0.0.0.0' || host === '::') return '127.0.0.1';
  return host.includes(':') ? `[${host}]` : host;
}

type Fact = readonly [name: string, value: string];

function addressesOf({ configuration, folder }: Start, apiUrl: string, temporalUiUrl: string): readonly Fact[] {
  return [
    ['API', `${apiUrl}/api/v1`],
    ['Docs', `${apiUrl}/docs`],
    ...(temporalUiUrl === '' ? [] : [['Temporal UI', temporalUiUrl] as const]),
    ['Logs', folder.logs],
    ['Admin key', configuration.adminKey === undefined ? `in ${folder.file('admin-key')}` : 'DURABILL_ADMIN_KEY'],
  ];
}

function show(announce: Announcer, facts: readonly Fact[]): void {
  announce.plain(`\n${facts.map(([name, value]) => `  ${name.padEnd(12)} ${value}\n`).join('')}`);
}

/** The keys to begin with, each with the time of its organization: an event of another time is not on its invoices. */
async function keysOf(folder: DataFolder, apiUrl: string): Promise<readonly Fact[]> {
  const key = readSecret(folder.file(API_KEY));
  const sampleKey = readSecret(folder.file(SAMPLE_API_KEY));
  const clock = sampleKey === undefined ? undefined : await testClockOf(apiUrl, sampleKey);
  return [
    ['API key', key ?? 'made by POST /admin/organizations, with the admin key'],
    ...(key === undefined ? [] : [['', `of "${FIRST_ORGANIZATION}", which bills in real time`] as const]),
    ...(sampleKey === undefined ? [] : [['Sample key', sampleKey] as const]),
    ...(clock === undefined ? [] : [['', `of the sample organization, whose test clock stands at ${clock}`] as const]),
  ];
}

/**
 * On the first start of all, makes an organization to work with and something to look at, and keeps the key of each.
 * Both are found again by a start that goes on after a killed one.
 */
async function tellFirstStory(start: Start, facts: FirstRunFacts): Promise<void> {
  const { plan, configuration, folder, state, announce, ending } = start;
  if (state.now.firstRun !== 'wanted') return;
  const wanted: readonly (readonly [keyFile: string, make: FirstRunStory])[] = [
    [API_KEY, makeFirstOrganization],
    ...(configuration.demo ? [[SAMPLE_API_KEY, plan.sampleStory] as const] : []),
  ];
  try {
    for (const [keyFile, make] of wanted) {
      const { apiKey } = await unlessEnding(make(facts), ending);
      writeSecret(folder.file(keyFile), apiKey);
    }
    state.change({ firstRun: 'done' });
  } catch (error) {
    ending.throwIfAborted();
    const reason = messageOf(error);
    announce.warn(`There is nothing to look at yet; the next start tries again: ${reason}`);
  }
}

/** What depends on others first: no request without a worker, no activity without its database. */
async function stopAll(running: Running, announce: Announcer): Promise<void> {
  running.stopWatching?.();
  running.stopWatchingDisk?.();
  const stops = [
    ['API', running.api && (() => running.api?.stop(API_STOP_LIMIT_MS))],
    ['Worker', running.worker && (() => running.worker?.stop(WORKER_STOP_LIMIT_MS))],
    ['Temporal', running.temporal && (() => running.temporal?.stop())],
    ['PostgreSQL', running.postgres && (() => running.postgres?.stop())],
  ] as const;
  for (const [name, stop] of stops) {
    if (stop === undefined) continue;
    try {
      await stop();
      announce.done(`${name} stopped`);
    } catch (error) {
      announce.fail(`${name} did not stop: ${messageOf(error)}`);
      process.exitCode = 1;
    }
  }
  running.folder?.release();
}
