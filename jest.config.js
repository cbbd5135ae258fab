export default {
  testMatch: ['<rootDir>/tests/**/*.test.ts'],
  testEnvironment: '<rootDir>/tests/support/shuffled-environment.cjs',
  extensionsToTreatAsEsm: ['.ts'],
  transform: { '\\.ts$': '<rootDir>/tests/support/strip-types.cjs' },
  globalSetup: '<rootDir>/tests/support/processes/up.ts',
  globalTeardown: '<rootDir>/tests/support/processes/down.ts',
  reporters: ['<rootDir>/tests/support/reporter.cjs'],
  testSequencer: '<rootDir>/tests/support/order.cjs',
  // The stories and the faults start an API, a worker and servers of their own beside jest: on two cores more than two
  // files at a time only slow each other down.
  maxWorkers: 2,
  // What tests print is shown by our reporter, under the file that printed it.
  verbose: false,
  // A limit on hanging, not a measure: a test beside a busy neighbour may take several times as long as alone.
  testTimeout: 180_000,
};
