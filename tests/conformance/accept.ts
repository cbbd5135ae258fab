// Adds every story that passed when they were last played to passing.json. A story never leaves the list by itself.
//   node tests/conformance/accept.ts
import { readFileSync } from 'node:fs';
import { listedStories, writeListedStories } from './passing-stories.ts';
import { RESULTS_FILE, type PlayedStory } from './played-stories.ts';

const { results } = JSON.parse(readFileSync(RESULTS_FILE, 'utf8')) as { results: PlayedStory[] };
const before = new Set(listedStories());
const added = results.filter(({ name, ok }) => ok && !before.has(name)).map(({ name }) => name);
writeListedStories([...before, ...added]);
console.log(
  `${added.length} added, ${before.size + added.length} listed${added.map((name) => `\n  ${name}`).join('')}`,
);
