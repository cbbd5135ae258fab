import type { EntityManager } from '@mikro-orm/postgresql';
import type { Customer } from '../../db/entities/customers/customer.ts';
import { ViesCheck } from '../../db/entities/taxes/vies-check.ts';
import { shownTaxesOf, type ShownTax } from '../../db/queries/taxes/attached-taxes.ts';

/** What a customer's own endpoints show beside the customer. */
export interface CustomerDetails {
  readonly taxes: readonly ShownTax[];
  /** null: no check of its VAT number is pending. */
  readonly pendingViesCheck: ViesCheck | null;
}

const NONE: CustomerDetails = { taxes: [], pendingViesCheck: null };

/** Details of customers by their ids: two queries however many they are. */
export async function customersDetails(
  em: EntityManager,
  customers: readonly Customer[],
): Promise<ReadonlyMap<string, CustomerDetails>> {
  const [first] = customers;
  if (!first) return new Map();
  const ids = customers.map(({ id }) => id);
  const taxes = await shownTaxesOf(em, first.organizationId, ids);
  const checks = await em.find(ViesCheck, { customerId: { $in: ids }, answeredAt: null });
  const checkOf = new Map(checks.map((check) => [check.customerId, check]));
  return new Map(ids.map((id) => [id, { taxes: taxes.get(id) ?? [], pendingViesCheck: checkOf.get(id) ?? null }]));
}

/** The same for one. */
export const customerDetails = async (em: EntityManager, customer: Customer): Promise<CustomerDetails> =>
  (await customersDetails(em, [customer])).get(customer.id) ?? NONE;
