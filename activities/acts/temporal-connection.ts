import { loadClientConnectConfig } from '@temporalio/envconfig';
import type { ConnectionOptions } from '@temporalio/client';

export interface TemporalConfiguration {
  /** Address, TLS and API key, from the variables of Temporal's environment configuration. */
  readonly connection: ConnectionOptions;
  readonly namespace: string;
  /** Base address of the web interface; null: none known. */
  readonly uiUrl: string | null;
  readonly queuePrefix: string;
  /** How soon the workflows of a worker that died are given to another; a task's own work takes milliseconds. */
  readonly takeoverSeconds: number;
}

export const TAKEOVER_SECONDS = 5;

/** Where Temporal is: its own variables are read by its own library. */
export function temporalConfiguration(
  ours: Pick<TemporalConfiguration, 'uiUrl' | 'queuePrefix' | 'takeoverSeconds'>,
): TemporalConfiguration {
  const { connectionOptions, namespace } = loadClientConnectConfig();
  return {
    connection: connectionOptions,
    namespace: namespace ?? 'default',
    ...ours,
  };
}

/** Where an operator looks at a workflow; without a known web interface, a relative address. */
export function workflowUrl({ uiUrl, namespace }: TemporalConfiguration, workflowId: string): string {
  return `${uiUrl ?? ''}/namespaces/${encodeURIComponent(namespace)}/workflows/${encodeURIComponent(workflowId)}`;
}
