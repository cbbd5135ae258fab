import { shutDown } from './shutdown.ts';

/**
 * Makes a process that the supervisor started stop gracefully when the supervisor is gone, as a signal would make it.
 * To be called after `onShutdown`. A process that was started by itself has no such parent and is left alone.
 */
export function exitWithParent(): void {
  if (process.send === undefined) return;
  const stop = () => shutDown({ kind: 'parent gone' });
  if (process.connected) process.once('disconnect', stop);
  else stop();
}
