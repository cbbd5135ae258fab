import type { WantedAct } from '../../db/acts/act.ts';
import { actOf, type ActArgument, type ActKind } from '../acts/act-kind.ts';

/**
 * Moves many drafts to where a changed grace period, payment term or issuing date of their issuer or customer puts
 * them.
 */
export const applyInvoiceSettingsKind = {
  name: 'settings',
  workflow: 'applyInvoiceSettings',
  queue: 'urgent',
  reuse: 'ALLOW_DUPLICATE_FAILED_ONLY',
  priority: 2,
  rank: 10,
  whenFailed: 'nothing',
} as const satisfies ActKind;

/** Whose settings have changed. */
export type InvoiceSettingsOwner =
  | { readonly billingEntityId: string; readonly customerId?: undefined }
  | { readonly billingEntityId?: undefined; readonly customerId: string };

export type ApplyInvoiceSettingsArgument = ActArgument &
  InvoiceSettingsOwner & {
    /** The last draft that has moved already; absent: none. */
    readonly after?: string;
  };

/** Moves drafts to where the changed settings of their billing entity, or of their customer, put them. */
export function applyInvoiceSettingsAct(change: {
  readonly organizationId: string;
  readonly owner: InvoiceSettingsOwner;
  readonly after: string;
  /** Tells the owner's changes apart: each has a run of its own. */
  readonly version: string;
}): WantedAct {
  const { organizationId, owner, after, version } = change;
  const { billingEntityId, customerId = null } = owner;
  const whose = customerId === null ? `billing entity ${billingEntityId}` : `customer ${customerId}`;
  return actOf(applyInvoiceSettingsKind, {
    id: `settings/${billingEntityId ?? customerId}/${version}`,
    organizationId,
    customerId,
    argument: { ...owner, after },
    summary: `Move drafts of ${whose} to its changed invoice settings`,
  });
}
