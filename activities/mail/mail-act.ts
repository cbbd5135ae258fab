import type { WantedAct } from '../../db/acts/act.ts';
import { actOf, type ActArgument, type ActKind } from '../acts/act-kind.ts';

/** A mail: sent until a server takes it, for 72 hours at most. */
export const mailKind = {
  name: 'mail',
  workflow: 'mail',
  // Where others' servers are waited for.
  queue: 'webhooks',
  // What is done is in its row: a run of one that has failed may have closed well.
  reuse: 'ALLOW_DUPLICATE',
  conflict: 'USE_EXISTING',
  priority: 3,
  rank: 96,
  whenFailed: 'nothing',
} as const satisfies ActKind;

export interface MailArgument extends ActArgument {
  readonly mailId: string;
}

export function mailAct(input: { readonly organizationId: string; readonly mailId: string }): WantedAct {
  const { organizationId, mailId } = input;
  return actOf(mailKind, {
    id: `mail/${mailId}`,
    organizationId,
    argument: { mailId },
    runsInRealTime: true,
    summary: `Send mail ${mailId}`,
  });
}
