const { statSync } = require('node:fs');
const { relative } = require('node:path');

// These folders start servers and play long stories, so they begin first: else the run would end by waiting for one of
// them alone. The habits stand second because they are many short files: they run beside the stories without starving them.
const FOLDERS = ['conformance', 'habits', 'faults', 'integration', 'replay'];

/** Orders the test files by folder, the heavy ones first, then by size, so that every run has the same order. */
class HeavyFirst {
  sort(tests) {
    const rank = ({ path, context }) => {
      const folder = relative(context.config.rootDir, path).split(/[\\/]/)[1];
      return FOLDERS.includes(folder) ? FOLDERS.indexOf(folder) : FOLDERS.length;
    };
    const size = ({ path }) => statSync(path).size;
    return tests.toSorted((one, other) => rank(one) - rank(other) || size(other) - size(one));
  }

  allFailedTests(tests) {
    return tests;
  }

  cacheResults() {}
}

module.exports = HeavyFirst;
