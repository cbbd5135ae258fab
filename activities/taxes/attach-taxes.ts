import type { EntityManager } from '@mikro-orm/postgresql';
import { notFound } from '../../billing/refusal.ts';
import { holdTaxes, replaceAttachments, type TaxOwnerKind } from '../../db/queries/taxes/replace-attachments.ts';
import type { CommandScope } from '../command-scope.ts';

/** The codes of all taxes that something has from now on (spec, money 1.2). */
export interface TaxCodes {
  readonly kind: TaxOwnerKind;
  readonly ownerId: string;
  readonly codes: readonly string[];
}

/**
 * Gives things the taxes that a request names, in the caller's transaction, and takes away those that it does not
 * (spec, money 1.2). A billing entity's codes are read in upper and lower case alike, all others as they are written.
 *
 * @returns ids of the things whose taxes have changed.
 * @throws Refusal 404 `tax_not_found`.
 */
export async function attachTaxes(
  em: EntityManager,
  { organizationId, now }: CommandScope,
  wanted: readonly TaxCodes[],
): Promise<readonly string[]> {
  if (wanted.length === 0) return [];
  const asked = [...new Set(wanted.flatMap(({ codes }) => codes))];
  const anyCase = wanted.some(({ kind }) => kind === 'billing_entity');
  const taxes = asked.length === 0 ? [] : await holdTaxes(em, organizationId, asked, { anyCase });
  const exact = new Map(taxes.map(({ id, code }) => [code, id]));
  const lower = new Map(taxes.map(({ id, code }) => [code.toLowerCase(), id]));
  const idOf = (kind: TaxOwnerKind, code: string): string => {
    const id = exact.get(code) ?? (kind === 'billing_entity' ? lower.get(code.toLowerCase()) : undefined);
    if (id === undefined) throw notFound('tax');
    return id;
  };
  return replaceAttachments(
    em,
    organizationId,
    wanted.map(({ kind, ownerId, codes }) => ({
      kind,
      ownerId,
      taxIds: [...new Set(codes.map((code) => idOf(kind, code)))],
    })),
    now,
  );
}
