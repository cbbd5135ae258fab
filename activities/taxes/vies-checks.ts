import type { EntityManager } from '@mikro-orm/postgresql';
import { v7 } from 'uuid';
import { wantActsAgain } from '../../db/acts/want-acts.ts';
import type { WantedAct } from '../../db/acts/act.ts';
import type { Customer } from '../../db/entities/customers/customer.ts';
import { deletePendingChecks, startCheck } from '../../db/queries/taxes/vies-checks.ts';
import { viesAct } from './vies-act.ts';

/** Whose checks, and when: the organization's clock, and whether it is a test clock. */
export interface ViesScope {
  readonly organizationId: string;
  readonly now: Date;
  readonly hasTestClock: boolean;
}

/**
 * Starts the check of a customer's VAT number in the caller's transaction, or starts the running one anew with the
 * number, country and postal code of now; an answer that is on its way does not count then (spec, money 1.7; S065).
 *
 * @returns the act, for the request to start.
 */
export async function wantViesCheck(
  em: EntityManager,
  { organizationId, now, hasTestClock }: ViesScope,
  { id: customerId, taxIdentificationNumber }: Customer,
): Promise<readonly WantedAct[]> {
  await startCheck(em, { id: v7(), organizationId, customerId }, taxIdentificationNumber ?? '', now);
  return wantVies(em, [viesAct({ organizationId, customerId, hasTestClock })], now);
}

/**
 * Ends the pending checks of a customer, or of all customers of a billing entity, in the caller's transaction: their
 * workflows look, find nothing to ask, release the invoices that waited, and end.
 *
 * @returns the acts, for the request to start.
 */
export async function endViesChecks(
  em: EntityManager,
  { organizationId, now, hasTestClock }: ViesScope,
  of: { readonly customerId: string } | { readonly billingEntityId: string },
): Promise<readonly WantedAct[]> {
  const customerIds = await deletePendingChecks(em, organizationId, of);
  const acts = customerIds.map((customerId) => viesAct({ organizationId, customerId, hasTestClock }));
  return wantVies(em, acts, now);
}

async function wantVies(em: EntityManager, acts: readonly WantedAct[], now: Date): Promise<readonly WantedAct[]> {
  await wantActsAgain(em, acts, now, { startedBy: 'writer' });
  return acts;
}
