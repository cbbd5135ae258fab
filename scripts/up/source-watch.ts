import { watch } from 'node:fs';
import { fileURLToPath } from 'node:url';

const ROOMS = ['api', 'worker', 'workflows', 'activities', 'shapes', 'billing', 'db', 'telemetry'];
/** Editors and version control write several files at once. */
const QUIET_MS = 300;

/** Calls back once after each burst of changes to the source. @returns what ends it. */
export function watchSource(onChange: () => void): () => void {
  let timer: NodeJS.Timeout | undefined;
  const watchers = ROOMS.map((room) =>
    watch(fileURLToPath(new URL(`../../${room}`, import.meta.url)), { recursive: true }, (_event, file) => {
      if (!file?.endsWith('.ts')) return;
      clearTimeout(timer);
      timer = setTimeout(onChange, QUIET_MS);
    }),
  );
  return () => {
    clearTimeout(timer);
    for (const watcher of watchers) watcher.close();
  };
}
