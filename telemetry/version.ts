import { readFileSync } from 'node:fs';

const manifest = JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8')) as {
  readonly version: string;
};

/** The one version of everything that is released together: `package.json` says it, and nothing else does (S127). */
export const { version } = manifest;
