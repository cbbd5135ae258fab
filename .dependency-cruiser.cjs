// The arrows between the rooms (docs/architecture.md). tests/habits/arrows.test.ts checks them and that each rule
// bites.

const ROOMS = ['billing', 'telemetry', 'db', 'shapes', 'activities', 'workflows', 'api', 'worker'];
/** The files of api/ that start and stop its process. */
const STARTS_API = '^api/(main|start-api|database-check)\\.ts$';
/** What is built around the rooms; no room imports it. */
const AROUND = ['tests', 'bench', 'scripts', 'lint', 'soak'];

const folders = (...names) => `^(${names.join('|')})/`;
const packages = (...names) => `^node_modules/(${names.join('|')})/`;

/** An error for every import of this room which the condition describes. */
const room = (name, comment, to) => ({
  name: `what-${name}-may-import`,
  comment,
  severity: 'error',
  from: { path: folders(name) },
  to,
});

module.exports = {
  forbidden: [
    room('billing', 'The pure heart: itself and the libraries for numbers and dates, nothing of Node.', {
      pathNot: [folders('billing'), packages('decimal\\.js', 'temporal-polyfill')],
    }),
    room('telemetry', 'What a process tells about itself: packages alone, so that every room may tell something.', {
      path: [
        folders('billing', 'db', 'shapes', 'activities', 'workflows', 'api', 'worker', ...AROUND),
        packages('express'),
      ],
    }),
    room('db', 'billing/, telemetry/ and what a database needs.', {
      path: [
        folders('shapes', 'activities', 'workflows', 'api', 'worker', ...AROUND),
        packages('@temporalio', 'express'),
      ],
    }),
    room('shapes', 'billing/ and db/: what our objects look like outside, in answers and in webhooks.', {
      path: [folders('activities', 'workflows', 'api', 'worker', ...AROUND), packages('@temporalio', 'express')],
    }),
    room(
      'activities',
      'billing/ and db/; of workflows/ the name of the one signal and the words for what they await. The kinds of ' +
        'acts are data beside the activities that do them.',
      {
        path: [folders('workflows', 'api', 'worker', ...AROUND), packages('express')],
        pathNot: '^workflows/(wake-signal|awaited)\\.ts$',
      },
    ),
    room('workflows', 'Runs in a sandbox: itself, the workflow SDK, and types alone of anything else.', {
      pathNot: [folders('workflows'), packages('@temporalio/workflow', '@temporalio/common')],
      dependencyTypesNot: ['type-only'],
    }),
    {
      ...room('workflows', 'Of our own rooms it knows the activities it calls and plain data.', {
        path: folders('telemetry', 'db', 'shapes', 'api', 'worker', ...AROUND),
      }),
      name: 'whose-types-workflows-may-import',
    },
    room(
      'api',
      'billing/, db/, activities/: it starts workflows by the names in their kinds of acts. Types of workflows/ ' +
        'are free.',
      {
        path: folders('workflows', ...AROUND),
        dependencyTypesNot: ['type-only'],
      },
    ),
    {
      ...room(
        'api',
        'The processes meet in the database and in Temporal. Their mains share what starts and stops a process.',
        {
          path: [folders('worker', ...AROUND), packages('@temporalio/worker', '@temporalio/workflow')],
        },
      ),
      name: 'what-api-may-never-import',
      from: { path: folders('api'), pathNot: STARTS_API },
    },
    {
      ...room('api', 'Of worker/, what starts and stops a process, or kills it in a test.', {
        path: [folders('worker', ...AROUND), packages('@temporalio/worker', '@temporalio/workflow')],
        pathNot: '^worker/process/',
      }),
      name: 'what-the-main-of-api-may-never-import',
      from: { path: STARTS_API },
    },
    {
      ...room('api', 'In api/ nothing writes: commands are in activities/ (lint/rooms.ts has the calls).', {
        path: ['^db/(sql|customer-lock)\\.ts$', '^db/acts/'],
        pathNot: '^db/acts/(act|find-acts|open-move)\\.ts$',
      }),
      name: 'api-writes-nothing',
    },
    room('worker', 'Everything but api/, whose main is started as a process, by its path.', {
      path: folders('api', ...AROUND),
    }),
    room('scripts', 'What an operator runs is in the image, where tests and measures are not.', {
      path: folders('tests', 'bench'),
    }),
    {
      name: 'tracing-only-when-wanted',
      comment: 'Without a collector nothing of OpenTelemetry is loaded: whoever starts tracing imports it then.',
      severity: 'error',
      from: { path: folders(...ROOMS), pathNot: '^telemetry/(tracing|statement-spans)\\.ts$' },
      to: {
        path: [
          '^telemetry/(tracing|statement-spans)\\.ts$',
          packages('@opentelemetry', '@temporalio/interceptors-opentelemetry-v2'),
        ],
        dependencyTypesNot: ['type-only', 'dynamic-import'],
      },
    },
    {
      name: 'no-cycle',
      comment: 'Two files that import each other are one concept cut in half.',
      severity: 'error',
      from: {},
      to: { circular: true },
    },
    {
      name: 'no-unresolved-import',
      comment: 'The file or the package is not there.',
      severity: 'error',
      from: {},
      to: { couldNotResolve: true },
    },
    {
      name: 'only-production-packages',
      comment: 'What only tests need, or what another package happened to bring, is not there in production.',
      severity: 'error',
      from: { path: folders(...ROOMS, 'scripts') },
      to: { dependencyTypes: ['npm-dev', 'npm-no-pkg', 'npm-unknown'], dependencyTypesNot: ['type-only'] },
    },
  ],
  options: {
    // TypeScript 7 offers no parser to other tools. swc, which comes with @temporalio/worker, tells `import type` apart
    // too.
    parser: 'swc',
    doNotFollow: { path: 'node_modules' },
    enhancedResolveOptions: {
      extensions: ['.ts', '.js', '.mjs', '.cjs'],
      exportsFields: ['exports'],
      conditionNames: ['import', 'node', 'default', 'types'],
    },
  },
};
