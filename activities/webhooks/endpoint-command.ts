import type { SignatureAlgorithm } from '../../billing/webhooks/signature-algorithm.ts';
import type { CommandScope } from '../command-scope.ts';
import type { AllowedNetworks } from './allowed-networks.ts';

/** What a webhook endpoint is to be. What is absent gets its default in a new one, and stays in an update. */
export interface EndpointChange {
  readonly webhookUrl?: string;
  readonly signatureAlgo?: SignatureAlgorithm;
  readonly name?: string | null;
  /** null: all types, an empty list: none. */
  readonly eventTypes?: string[] | null;
}

/** An endpoint that is to be created. */
export type EndpointCommand = EndpointChange & { readonly webhookUrl: string };

export interface EndpointScope extends CommandScope {
  /** Where webhooks may go beside the public internet. */
  readonly allowedNetworks: AllowedNetworks;
}
