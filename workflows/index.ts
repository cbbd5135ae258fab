export { cleanup } from './cleanup.ts';
export { clock } from './clock.ts';
export { period } from './period.ts';
export { reschedule } from './reschedule.ts';
export { rollups } from './rollups.ts';
export { watchdog } from './watchdog.ts';
export { webhooks } from './webhooks.ts';
