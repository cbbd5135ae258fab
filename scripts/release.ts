// npm run release -- <version>: makes a release of the checkout: version, changelog, image tags, notes, record, tag.
//   npm run release -- 0.3.0
//   npm run release -- 0.2.1 --pick <commit> <commit>     a patch of 0.2: its last commit and these picked ones
// Nothing is pushed. A refusal changes nothing.
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { makePatch } from './release/make-patch.ts';
import { makeRelease } from './release/make-release.ts';
import { messageOf } from '../telemetry/message-of.ts';

try {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: { pick: { type: 'boolean', default: false } },
  });
  const [version, ...commits] = positionals;
  if (version === undefined || values.pick !== commits.length > 0) {
    throw new Error(
      'Say the version, as in `npm run release -- 0.3.0`, and of a patch what to pick: `-- 0.2.1 --pick <commit>`.',
    );
  }
  const repository = fileURLToPath(new URL('..', import.meta.url));
  const date = new Date().toISOString().slice(0, 10);
  const made = values.pick
    ? makePatch({ repository, version, date, commits })
    : makeRelease({ repository, version, date });
  console.log(`✓ ${version} is ${made.commit}, tagged v${version}; releases/${version}.md has its notes`);
  console.log(`  git push origin ${made.branch} v${version}`);
} catch (error) {
  console.error(`✗ ${messageOf(error)}`);
  process.exitCode = 1;
}
