import { arch, availableParallelism, cpus, loadavg, platform, totalmem } from 'node:os';

/** On what was measured; nothing that names the machine. */
export interface Machine {
  readonly cores: number;
  readonly processor: string;
  readonly memoryGb: number;
  readonly system: string;
  readonly node: string;
  /** Processes that wanted to run in the minute before: above 0.5, figures of time are worth little. */
  readonly loadBefore: number;
}

export const thisMachine = (): Machine => ({
  cores: availableParallelism(),
  processor: cpus()[0]?.model ?? 'unknown',
  memoryGb: Math.round(totalmem() / 1024 ** 3),
  system: `${platform()} ${arch()}`,
  node: process.versions.node,
  loadBefore: Math.round((loadavg()[0] ?? 0) * 10) / 10,
});
