import type { WantedAct } from '../../db/acts/act.ts';
import { actOf, type ActArgument, type ActKind } from '../acts/act-kind.ts';
import type { DraftOwner } from './draft-owner.ts';

/** Makes a draft anew, after something that it was made from has changed. */
export const refreshKind = {
  name: 'refresh',
  workflow: 'refresh',
  queue: 'billing',
  reuse: 'ALLOW_DUPLICATE',
  conflict: 'USE_EXISTING',
  priority: 2,
  rank: 60,
  whenFailed: 'draft',
} as const satisfies ActKind;

export const refreshId = (invoiceId: string): string => `refresh/${invoiceId}`;

export interface RefreshArgument extends ActArgument {
  readonly invoiceId: string;
}

/** The act that makes a flagged draft anew; a draft has one at most that is not done. */
export function refreshAct({ organizationId, customerId, invoiceId }: DraftOwner): WantedAct {
  return actOf(refreshKind, {
    id: refreshId(invoiceId),
    organizationId,
    customerId,
    invoiceId,
    argument: { invoiceId },
    summary: `Refresh draft invoice ${invoiceId}`,
  });
}
