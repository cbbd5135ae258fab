// How the test files are spread over several machines (tests/support/order.cjs).
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { expect, test } from '@jest/globals';
import { filesOfRepository, REPOSITORY } from '../support/repository.ts';

interface TestFile {
  readonly path: string;
  readonly context: { readonly config: { readonly rootDir: string } };
}

interface Sequencer {
  readonly shard: (tests: readonly TestFile[], options: { shardIndex: number; shardCount: number }) => TestFile[];
  readonly sort: (tests: readonly TestFile[]) => TestFile[];
}

const Order = createRequire(import.meta.url)('../support/order.cjs') as new () => Sequencer;

const files: readonly TestFile[] = filesOfRepository('tests')
  .filter((file) => file.endsWith('.test.ts'))
  .map((file) => ({ path: join(REPOSITORY, file), context: { config: { rootDir: REPOSITORY } } }));

test.each([1, 2, 3, 8])('over %i shards each file is run once, whichever order they were found in', (shardCount) => {
  const order = new Order();
  const shards = Array.from({ length: shardCount }, (_, index) => {
    const found = index % 2 === 0 ? files : files.toReversed();
    // eslint-disable-next-line unicorn/no-array-sort -- a sequencer's, not an array's
    return order.sort(order.shard(found, { shardIndex: index + 1, shardCount })).map(({ path }) => path);
  });
  expect(shards.flat().toSorted()).toEqual(files.map(({ path }) => path).toSorted());
  expect(shards.every((shard) => shard.length > 0)).toBe(true);
});
