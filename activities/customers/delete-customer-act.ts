import type { WantedAct } from '../../db/acts/act.ts';
import { actOf, type ActArgument, type ActKind } from '../acts/act-kind.ts';

/** Ends what a deleted customer still has. */
export const deleteCustomerKind = {
  name: 'deleteCustomer',
  workflow: 'deleteCustomer',
  queue: 'billing',
  reuse: 'ALLOW_DUPLICATE_FAILED_ONLY',
  priority: 2,
  rank: 10,
  whenFailed: 'nothing',
} as const satisfies ActKind;

export interface DeleteCustomerArgument extends ActArgument {
  readonly customerId: string;
  /** When it was deleted: its service ends then. */
  readonly at: string;
}

export function deleteCustomerAct(input: {
  readonly organizationId: string;
  readonly customerId: string;
  readonly at: Date;
}): WantedAct {
  const { organizationId, customerId, at } = input;
  return actOf(deleteCustomerKind, {
    id: `delete-customer/${customerId}`,
    organizationId,
    customerId,
    argument: { customerId, at: at.toISOString() },
    summary: `End what the deleted customer ${customerId} still has`,
  });
}
