// npm run soak -- <kind>: what takes longer than a test may. Each says its figures, and fails where something does not
// hold.
//   npm run soak -- upgrade [--periods=500]     the last release is upgraded to this version while it works
import { parseArgs } from 'node:util';
import { upgrade } from './upgrade.ts';

const KINDS: Readonly<Record<string, (options: { readonly periods: number }) => Promise<void>>> = { upgrade };

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { periods: { type: 'string', default: '500' } },
});
const periods = Number(values.periods);
const [name = '', ...more] = positionals;
const kind = KINDS[name];
if (kind === undefined || more.length > 0 || !Number.isInteger(periods) || periods < 50 || periods > 5000) {
  console.error(`Usage: npm run soak -- <${Object.keys(KINDS).join(' | ')}> [--periods=50..5000]`);
  process.exitCode = 2;
} else {
  await kind({ periods });
}
