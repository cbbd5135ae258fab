import type { EntityManager } from '@mikro-orm/postgresql';
import type { Tax as AppliedTax } from '../../../billing/taxes/tax.ts';
import { Tax } from '../../entities/taxes/tax.ts';

/** Taxes that a request names, by their codes, as far as they exist. */
export async function taxesByCode(
  em: EntityManager,
  codes: readonly string[],
): Promise<ReadonlyMap<string, AppliedTax>> {
  if (codes.length === 0) return new Map();
  const taxes = await em.find(Tax, { code: { $in: [...codes] }, deletedAt: null });
  return new Map(taxes.map((tax) => [tax.code, appliedTax(tax)]));
}

/** The same by their ids. */
export async function taxesById(em: EntityManager, ids: readonly string[]): Promise<ReadonlyMap<string, AppliedTax>> {
  if (ids.length === 0) return new Map();
  const taxes = await em.find(Tax, { id: { $in: [...ids] }, deletedAt: null });
  return new Map(taxes.map((tax) => [tax.id, appliedTax(tax)]));
}

const appliedTax = ({ id, code, name, description, rate }: Tax): AppliedTax => ({
  taxId: id,
  code,
  name,
  description: description ?? null,
  rate,
});
