// In which order the test files run, and which of them: the sequencer of jest.config.js.
const { createHash } = require('node:crypto');
const { readFileSync, statSync } = require('node:fs');
const { join, relative } = require('node:path');

const MEASURED = join(__dirname, '..', 'measured-seconds.json');

/** From here on a file is begun early: else the run would end by waiting for it alone. */
const LONG_SECONDS = 8;

/** What a file costs that was not measured yet, by the folder below `tests/`: a new fault test starts processes. */
const UNMEASURED_SECONDS = { conformance: 60, faults: 30, replay: 10, integration: 3 };

/** The same numbers for the same seed and name on every machine. */
const drawn = (seed, name) => createHash('sha256').update(`${seed} ${name}`).digest('hex');

/**
 * Long files come first, each kind in an order that the seed draws. Of several shards each gets about the same measured
 * time, every file is in exactly one, and which one depends on nothing but the list of files.
 */
class Order {
  constructor() {
    this.measured = JSON.parse(readFileSync(MEASURED, 'utf8'));
    // Set by tests/run.ts for the second run, and for every run.
    const again = process.env.DURABILL_TEST_AGAIN;
    this.only = again === undefined ? undefined : new Set(JSON.parse(again));
    this.seed = process.env.SEED ?? '0';
  }

  shard(tests, { shardIndex, shardCount }) {
    const shards = Array.from({ length: shardCount }, () => ({ seconds: 0, tests: [] }));
    const byTime = tests
      .map((test) => ({ test, seconds: this.#seconds(test), name: nameOf(test) }))
      .toSorted((one, other) => other.seconds - one.seconds || (one.name < other.name ? -1 : 1));
    for (const { test, seconds } of byTime) {
      const least = shards.reduce((one, other) => (other.seconds < one.seconds ? other : one));
      least.seconds += seconds;
      least.tests.push(test);
    }
    return shards[shardIndex - 1].tests;
  }

  sort(tests) {
    return tests
      .filter((test) => this.only === undefined || this.only.has(nameOf(test)))
      .map((test) => ({ test, long: this.#seconds(test) >= LONG_SECONDS, drawn: drawn(this.seed, nameOf(test)) }))
      .toSorted((one, other) => Number(other.long) - Number(one.long) || (one.drawn < other.drawn ? -1 : 1))
      .map(({ test }) => test);
  }

  allFailedTests(tests) {
    return tests;
  }

  cacheResults() {}

  #seconds(test) {
    const name = nameOf(test);
    // Among files that cost little the size says a little more than nothing.
    return this.measured[name] ?? (UNMEASURED_SECONDS[name.split('/')[1]] ?? 0.3) + statSync(test.path).size / 1e6;
  }
}

const nameOf = ({ path, context }) => relative(context.config.rootDir, path).replaceAll('\\', '/');

module.exports = Order;
module.exports.drawn = drawn;
