// npm run soak -- <kind>: what takes longer than a test may. Each says its figures, and fails where something does not
// hold.
//   npm run soak -- upgrade [--periods=500]       the last release is upgraded to this version while it works
//   npm run soak -- flights [--flights=3000000]   real flights as usage, every batch sent twice, the API killed
import { parseArgs } from 'node:util';
import { soakFlights } from './flights.ts';
import { upgrade } from './upgrade.ts';

const API_MEMORY_MB_MAX = 300;
const MINUTES_MAX = 20;

interface Kind {
  /** The option that says how much, and its limits. */
  readonly size: 'periods' | 'flights';
  readonly from: number;
  readonly to: number;
  readonly run: (size: number) => Promise<void>;
}

const KINDS: Readonly<Record<string, Kind>> = {
  upgrade: { size: 'periods', from: 50, to: 5000, run: (periods) => upgrade({ periods }) },
  flights: { size: 'flights', from: 1000, to: 3_000_000, run: flights },
};

async function flights(count: number): Promise<void> {
  const figures = await soakFlights(count, (text) => console.log(`  ${text}`));
  const { events, invoices, sendingSeconds, billingSeconds, apiMemoryMb } = figures;
  console.log(
    `${events} flights, each sent twice, none lost, none doubled: ${Math.round(events / sendingSeconds)} stored a ` +
      `second, the API in ${apiMemoryMb.toFixed(0)} MB at most, ${invoices} invoices in ` +
      `${billingSeconds.toFixed(0)} s, each as recomputed from the file`,
  );
  if (apiMemoryMb > API_MEMORY_MB_MAX) throw new Error(`The API has had more than ${API_MEMORY_MB_MAX} MB.`);
  const minutes = (sendingSeconds + billingSeconds) / 60;
  if (minutes > MINUTES_MAX) throw new Error(`It took ${minutes.toFixed(1)} minutes, more than ${MINUTES_MAX}.`);
}

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { periods: { type: 'string', default: '500' }, flights: { type: 'string', default: '3000000' } },
});
const [name = '', ...more] = positionals;
const kind = KINDS[name];
const size = Number(kind && values[kind.size]);
if (kind === undefined || more.length > 0 || !Number.isInteger(size) || size < kind.from || size > kind.to) {
  const usages = Object.entries(KINDS).map(([key, { size: what, from, to }]) => `${key} [--${what}=${from}..${to}]`);
  console.error(`Usage: npm run soak -- ${usages.join(' | ')}`);
  process.exitCode = 2;
} else {
  await kind.run(size);
}
