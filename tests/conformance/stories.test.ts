// The conformance stories (FORMAT.md), each a test. `passing.json` lists those that must pass; one that passes without
// being listed fails too, so that the list says exactly how far durabill has come. Play a part of them with
//   STORIES=commitments node --experimental-vm-modules node_modules/jest/bin/jest.js tests/conformance
import { beforeAll, describe, expect, test } from '@jest/globals';
import { allStories, listedStories } from './passing-stories.ts';
import { playStories, type PlayedStory } from './played-stories.ts';

const PLAYED_WITHIN_MS = 330_000;
/** Before and after the play a durabill starts and ends. */
const AROUND_MS = 90_000;

const filter = process.env['STORIES'];
const stories = allStories(filter);
const listed = listedStories().filter((name) => filter === undefined || stories.includes(name));

test('passing.json is sorted, and every name in it is a story', () => {
  expect(listed).toEqual(listed.toSorted());
  expect(listed.filter((name) => !stories.includes(name))).toEqual([]);
  expect(new Set(listed).size).toBe(listed.length);
});

describe(`${listed.length} of ${stories.length} stories are listed`, () => {
  let results: readonly PlayedStory[] = [];
  let reason: unknown;

  // Why they could not be played is said once, by the first test, and not by each story again.
  beforeAll(async () => {
    try {
      results = await playStories({ filter, withinMs: PLAYED_WITHIN_MS });
    } catch (error) {
      reason = error;
    }
  }, PLAYED_WITHIN_MS + AROUND_MS);

  test('they are played', () => {
    expect(reason).toBeUndefined();
    expect(results.map(({ name }) => name).toSorted()).toEqual(stories);
    const passed = results.filter(({ ok }) => ok).length;
    const slowest = results.toSorted((one, other) => other.ms - one.ms).slice(0, 3);
    console.log(
      `Stories: ${listed.length} of ${stories.length} are listed in passing.json; ${passed} of ${results.length} played passed.\n` +
        `Slowest: ${slowest.map(({ name, ms }) => `${name} ${(ms / 1000).toFixed(1)} s`).join(', ')}`,
    );
  });

  const resultOf = (name: string): PlayedStory => {
    const result = results.find((story) => story.name === name);
    if (result === undefined) throw new Error('it was not played');
    return result;
  };

  for (const name of listed) {
    test(`passes: ${name}`, () => {
      expect(resultOf(name).why).toBeNull();
    });
  }

  for (const name of stories.filter((story) => !listed.includes(story))) {
    test(`not yet: ${name}`, () => {
      const passes = 'now passes: add it to passing.json (node tests/conformance/accept.ts)';
      expect(resultOf(name).ok ? passes : 'fails').toBe('fails');
    });
  }
});
