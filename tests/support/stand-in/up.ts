// npm start with stand-ins for the API and the worker; PostgreSQL, Temporal and the supervisor are the real ones.
import { fileURLToPath } from 'node:url';
import { supervise } from '../../../scripts/up/supervise.ts';

const pathOf = (file: string) => fileURLToPath(new URL(file, import.meta.url));

await supervise({
  api: [pathOf('./api.ts')],
  worker: [pathOf('./worker.ts')],
  migrate: () => Promise.resolve(),
  sampleStory: ({ apiUrl }) => {
    console.log(`The story is told to ${apiUrl}`);
    return Promise.resolve({ apiKey: 'key-of-the-story' });
  },
  watch: false,
});
