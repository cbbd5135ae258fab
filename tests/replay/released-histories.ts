import { createHash } from 'node:crypto';
import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';

/**
 * The histories of what was released, by release: SHA-256 over its files. Workflows that run somewhere have such
 * histories, so they never change and none goes. Making a release adds its line here.
 */
export const RELEASED: Readonly<Record<string, string>> = {
  '0.1.0': '27d31bdf726906c4de177242e8095918abe751009f94c469c52bb14f7e5ce940',
  '0.2.0': 'fd04a360e8428e40e5799ff5bc7d2313bb92592b28eb6fc7af125295395fee65',
};

/** The same for what is in the folder now. */
export function hashesOfReleases(folder: string): Readonly<Record<string, string>> {
  const releases = readdirSync(folder);
  return Object.fromEntries(releases.map((release) => [release, hashOf(join(folder, release))]));
}

function hashOf(folder: string): string {
  const hash = createHash('sha256');
  for (const file of readdirSync(folder).toSorted()) hash.update(`${file}\n`).update(readFileSync(join(folder, file)));
  return hash.digest('hex');
}
