import { fork } from 'node:child_process';
import { join } from 'node:path';
import type { MeasureMessage, MeasureRequest } from './measure.ts';
import type { Measured } from './report/figure.ts';

const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

/**
 * Runs a measure in a process of its own. A signal ends that one, which stops its servers first.
 *
 * @param checkout the folder whose durabill is measured.
 * @throws Error with what went wrong there.
 */
export function runMeasure(
  checkout: string,
  request: MeasureRequest,
  progress: (text: string) => void,
): Promise<Measured> {
  return new Promise((resolve, reject) => {
    const child = fork(join(checkout, 'bench', 'measure.ts'), [JSON.stringify(request)], {
      cwd: checkout,
      execArgv: [],
    });
    const passOn = (signal: NodeJS.Signals): void => void child.kill(signal);
    for (const signal of SIGNALS) process.on(signal, passOn);
    let failure = '';
    let measured: Measured | undefined;
    child.on('message', (message: MeasureMessage) => {
      if ('progress' in message) progress(message.progress);
      else if ('measured' in message) measured = message.measured;
      else failure = message.failure;
    });
    child.once('exit', (code) => {
      for (const signal of SIGNALS) process.off(signal, passOn);
      if (measured !== undefined && failure === '') resolve(measured);
      else reject(new Error(failure || `The measure ${request.name} ended before its time (${code}).`));
    });
  });
}
