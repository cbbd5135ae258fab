// The environment of every test file: Node's, with the tests of a file in an order that the seed draws.
const { relative } = require('node:path');
const { TestEnvironment } = require('jest-environment-node');
const { drawn } = require('./order.cjs');

/**
 * Tests that need what the one before them left would pass in one order only, and not alone. Where a file tells one
 * long story on purpose, its first comment has the mark `@inOrder`.
 */
class ShuffledEnvironment extends TestEnvironment {
  constructor(config, context) {
    super(config, context);
    this.inOrder = 'inOrder' in context.docblockPragmas;
    this.file = relative(config.projectConfig.rootDir, context.testPath).replaceAll('\\', '/');
  }

  handleTestEvent(event, state) {
    if (event.name === 'run_start' && !this.inOrder) this.#shuffle(state.rootDescribeBlock, this.file);
  }

  #shuffle(block, path) {
    const names = new Map(
      block.children.map((child, place) => [child, drawn(process.env.SEED ?? '0', `${path} ${place} ${child.name}`)]),
    );
    block.children.sort((one, other) => (names.get(one) < names.get(other) ? -1 : 1));
    for (const child of block.children) {
      if (child.type === 'describeBlock') this.#shuffle(child, `${path} ${child.name}`);
    }
  }
}

module.exports = ShuffledEnvironment;
