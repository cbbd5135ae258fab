const { writeFileSync } = require('node:fs');
const { relative } = require('node:path');

/** Of a file that failed in everything for one reason, some of its failures say enough. */
const DETAILS_CHARACTERS_MAX = 20_000;

const beginningOf = (details) =>
  details.length <= DETAILS_CHARACTERS_MAX
    ? details
    : `${details.slice(0, DETAILS_CHARACTERS_MAX)}\n\n  ... ${details.length - DETAILS_CHARACTERS_MAX} more characters\n`;

/** What a file's failure outside of its tests is called. */
const FILE_ITSELF = '(the file itself)';

const closingLine = (passed, failed, skipped) =>
  `${passed} passed, ${failed} failed${skipped > 0 ? `, ${skipped} skipped` : ''}`;

/**
 * Prints a line for each test file as it ends, and the details of what failed. What was found goes to tests/run.ts, in
 * the file that it names, since there may be a second run; without it the line which CI reads comes from here.
 */
class Reporter {
  constructor(globalConfig) {
    this.root = globalConfig.rootDir;
    this.files = 0;
    this.complete = false;
    this.outcomes = [];
    this.errors = [];
  }

  onRunStart(results) {
    this.files = results.numTotalTestSuites;
    console.log(`${this.files} test files`);
    // A test that calls process.exit may end jest itself, and with the code that it likes.
    process.once('exit', () => {
      if (this.complete) return;
      process.exitCode = 1;
      console.log('Jest was ended from outside, or by a test.');
      this.close();
    });
  }

  onTestFileResult(test, result) {
    const file = relative(this.root, test.path).replaceAll('\\', '/');
    const names = result.testResults.filter(({ status }) => status === 'failed').map(({ fullName }) => fullName);
    // A file that could not run, or ended outside its tests, failed even where each of its tests passed.
    const isBroken = names.length === 0 && Boolean(result.testExecError ?? result.failureMessage);
    const outcome = {
      file,
      passed: result.numPassingTests,
      failed: isBroken ? [FILE_ITSELF] : names,
      skipped: result.numPendingTests + result.numTodoTests,
      seconds: (result.perfStats.end - result.perfStats.start) / 1000,
    };
    this.outcomes.push(outcome);

    const counts = [`${outcome.passed} passed`];
    if (outcome.failed.length > 0) counts.push(`${outcome.failed.length} failed`);
    if (outcome.skipped > 0) counts.push(`${outcome.skipped} skipped`);
    const place = `${String(this.outcomes.length).padStart(String(this.files).length)}/${this.files}`;
    const sign = outcome.failed.length > 0 ? 'FAIL' : 'ok  ';
    console.log(`${place} ${sign} ${file}  ${counts.join(', ')}  (${outcome.seconds.toFixed(1)} s)`);
    for (const { message } of result.console ?? []) console.log(message.replace(/^/gm, '      '));
    if (outcome.failed.length > 0 && result.failureMessage) console.log(beginningOf(result.failureMessage));
  }

  onRunComplete(_contexts, results) {
    if (results.runExecError) {
      this.errors.push('(jest itself)');
      console.log(results.runExecError.stack ?? results.runExecError.message);
    }
    this.complete = true;
    this.close();
  }

  close() {
    const left = this.files - this.outcomes.length;
    if (left > 0) {
      for (let file = 0; file < left; file += 1) this.errors.push('(a test file that was not run)');
      console.log(`${left} test files were not run`);
    }
    const told = process.env.DURABILL_TEST_OUTCOME;
    if (told !== undefined) {
      writeFileSync(told, JSON.stringify({ files: this.outcomes, errors: this.errors }));
      return;
    }
    const sum = (count) => this.outcomes.reduce((total, outcome) => total + count(outcome), 0);
    console.log(
      `\n${closingLine(
        sum(({ passed }) => passed),
        this.#failed(),
        sum(({ skipped }) => skipped),
      )}`,
    );
  }

  #failed() {
    return this.outcomes.reduce((total, { failed }) => total + failed.length, this.errors.length);
  }

  /** Jest's exit code follows this as well, so that it never contradicts the closing line. */
  getLastError() {
    return this.#failed() > 0 ? new Error(`${this.#failed()} failed`) : undefined;
  }
}

module.exports = Reporter;
