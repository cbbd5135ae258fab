const { relative } = require('node:path');

/** Of a file that failed in everything for one reason, some of its failures say enough. */
const DETAILS_CHARACTERS_MAX = 20_000;

const beginningOf = (details) =>
  details.length <= DETAILS_CHARACTERS_MAX
    ? details
    : `${details.slice(0, DETAILS_CHARACTERS_MAX)}\n\n  ... ${details.length - DETAILS_CHARACTERS_MAX} more characters\n`;

const seconds = (milliseconds) => `${(milliseconds / 1000).toFixed(1)} s`;

/**
 * Prints a line for each test file as it ends, the details of what failed, and at last the line which CI reads:
 * `N passed, N failed`, with `, N skipped` behind it where tests were skipped. Every test of every kind counts.
 */
class Reporter {
  constructor(globalConfig) {
    this.root = globalConfig.rootDir;
    this.files = 0;
    this.done = 0;
    this.complete = false;
    this.failures = [];
    this.passed = 0;
    this.failed = 0;
    this.skipped = 0;
  }

  onRunStart(results) {
    this.files = results.numTotalTestSuites;
    console.log(`${this.files} test files`);
    // A test that calls process.exit may end jest itself, and with the code that it likes.
    process.once('exit', () => {
      if (this.complete) return;
      process.exitCode = 1;
      this.close('Jest was ended from outside, or by a test.');
    });
  }

  onTestFileResult(test, result) {
    this.done += 1;
    const file = relative(this.root, test.path);
    // A file that could not run, or ended outside its tests, failed even where each of its tests passed.
    const broken = result.testExecError !== undefined || (result.failureMessage && result.numFailingTests === 0);
    const failed = result.numFailingTests + (broken && result.numFailingTests === 0 ? 1 : 0);
    const skipped = result.numPendingTests + result.numTodoTests;
    this.passed += result.numPassingTests;
    this.failed += failed;
    this.skipped += skipped;

    const counts = [`${result.numPassingTests} passed`];
    if (failed > 0) counts.push(`${failed} failed`);
    if (skipped > 0) counts.push(`${skipped} skipped`);
    const time = seconds(result.perfStats.end - result.perfStats.start);
    const place = `${String(this.done).padStart(String(this.files).length)}/${this.files}`;
    console.log(`${place} ${failed > 0 ? 'FAIL' : 'ok  '} ${file}  ${counts.join(', ')}  (${time})`);
    for (const { message } of result.console ?? []) console.log(message.replace(/^/gm, '      '));
    if (failed === 0) return;
    if (result.failureMessage) console.log(beginningOf(result.failureMessage));
    const names = result.testResults.filter(({ status }) => status === 'failed').map(({ fullName }) => fullName);
    this.failures.push(
      ...(names.length > 0 ? names : ['(the file did not run)']).map((name) => `${file}: ${name.slice(0, 200)}`),
    );
  }

  onRunComplete(_contexts, results) {
    if (results.runExecError) {
      this.failed += 1;
      console.log(results.runExecError.stack ?? results.runExecError.message);
    }
    this.complete = true;
    this.close(`${seconds(Date.now() - results.startTime)} in all`);
  }

  /** What failed, by name, and the line. */
  close(remark) {
    if (this.failures.length > 0) console.log(`\nFailed:\n${this.failures.map((line) => `  ${line}`).join('\n')}`);
    const left = this.files - this.done;
    if (left > 0) {
      this.failed += left;
      console.log(`${left} test files were not run`);
    }
    console.log(`\n${remark}`);
    console.log(`${this.passed} passed, ${this.failed} failed${this.skipped > 0 ? `, ${this.skipped} skipped` : ''}`);
  }

  /** Jest's exit code follows this as well, so that it never contradicts the closing line. */
  getLastError() {
    return this.failed > 0 ? new Error(`${this.failed} failed`) : undefined;
  }
}

module.exports = Reporter;
