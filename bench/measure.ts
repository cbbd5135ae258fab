// One measure, in a process of its own. Started by main.ts or compare.ts, also those of another checkout: what goes in
// and out is JSON.
import { stopInstallations } from './installation/installation.ts';
import { startPace } from './installation/pace.ts';
import type { Switches } from './installation/switches.ts';
import type { MeasureName } from './measures/catalogue.ts';
import { RUNS } from './measures/runs.ts';
import type { Sizes } from './measures/sizes.ts';
import type { Figure, Measured } from './report/figure.ts';

/** What a measure is asked for, as its only argument. */
export interface MeasureRequest {
  readonly name: MeasureName;
  readonly sizes: Sizes;
  readonly switches: Switches;
  readonly withLimits: boolean;
}

/** What it tells: each time how far it is, and in the end what it has found, or what went wrong. */
export type MeasureMessage =
  | { readonly progress: string }
  | { readonly measured: Measured }
  | { readonly failure: string };

const request = JSON.parse(process.argv[2] ?? '') as MeasureRequest;

const tell = (message: MeasureMessage): void => {
  if (process.connected) process.send?.(message);
};

/** Its servers are detached, and would stay. */
let givesUp = false;
const giveUp = (): void => {
  if (givesUp) return;
  givesUp = true;
  // The measure goes on until its servers are gone; that it fails then is no news.
  process.on('uncaughtException', () => undefined);
  void stopInstallations().finally(() => process.exit(1));
};
// Ctrl-C comes twice: from the terminal, and from whoever started us.
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, giveUp);
process.once('disconnect', giveUp);

const pace = startPace();
try {
  const { name, sizes, switches, withLimits } = request;
  const progress = (text: string): void => tell({ progress: text });
  const { figures, remarks = [] } = await RUNS[name]({ sizes, switches, withLimits, progress });
  const machine: Figure = {
    id: `${name}.pace`,
    name: `(${name}) pace of the machine: CPU of a fixed loop`,
    value: pace.loopMs(),
    unit: 'CPU ms',
    better: 'lower',
  };
  tell({ measured: { figures: [...figures, machine], remarks } });
} catch (error) {
  tell({ failure: error instanceof Error ? (error.stack ?? error.message) : String(error) });
  process.exitCode = 1;
} finally {
  await pace.stop();
  process.off('disconnect', giveUp);
  if (process.connected) process.disconnect();
}
