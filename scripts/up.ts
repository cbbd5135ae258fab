// npm start: PostgreSQL, Temporal, API and worker, until Ctrl-C. With --watch (npm run dev) the last two restart when
// the source changes.
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { API_NODE_FLAGS } from '../api/node-flags.ts';
import { recall, remember } from './up/remembered.ts';
import { migrate } from '../db/migrate.ts';
import { supervise } from './up/supervise.ts';
import type { SampleStoryMemory, SampleStoryMemoryStore } from './sample-story.ts';

/** The story's memory holds an API key. */
const PRIVATE = 0o600;

const pathOf = (file: string) => fileURLToPath(new URL(file, import.meta.url));

function storyMemory(file: string): SampleStoryMemoryStore {
  return {
    read: () => Promise.resolve(existsSync(file) ? (recall(file) as unknown as SampleStoryMemory) : undefined),
    write: (memory) => {
      remember(file, { ...memory }, PRIVATE);
      return Promise.resolve();
    },
  };
}

await supervise({
  api: [...API_NODE_FLAGS, pathOf('../api/main.ts')],
  worker: [pathOf('../worker/main.ts')],
  migrate,
  sampleStory: async ({ memoryFile, ...facts }) => {
    const { runSampleStory } = await import('./sample-story.ts');
    return runSampleStory({ ...facts, memory: storyMemory(memoryFile) });
  },
  watch: process.argv.includes('--watch'),
});
