import { existsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { noFault, type FaultPoint } from '../../activities/fault-point.ts';

/**
 * Kills this process at places that `DURABILL_FAULTS` names (`place,place@folder`), once at each: a file in the folder
 * remembers that it has happened. Only the fault tests set it.
 */
export function faultFrom(environment: NodeJS.ProcessEnv): FaultPoint {
  const setting = environment['DURABILL_FAULTS'];
  if (!setting) return noFault;
  const [places, folder] = setting.split('@');
  if (!places || !folder) throw new Error('DURABILL_FAULTS must be `place,place@folder`');
  return (reached) => {
    const memory = join(folder, reached.replace(':', '-'));
    if (!places.split(',').includes(reached) || existsSync(memory)) return;
    writeFileSync(memory, '');
    process.kill(process.pid, 'SIGKILL');
  };
}
