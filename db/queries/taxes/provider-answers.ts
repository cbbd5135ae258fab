import type { EntityManager } from '@mikro-orm/postgresql';
import { Decimal } from '../../../billing/money/decimal.ts';
import type { ProviderAnswer } from '../../../billing/taxes/provider-answer.ts';
import { ProviderTaxAnswer } from '../../entities/taxes/provider-tax-answer.ts';
import type { StoredProviderAnswer } from '../../entities/taxes/stored-provider-answer.ts';
import { sql } from '../../sql.ts';

/** Which invoice was asked about, and with which fees. */
export interface AskedFees {
  readonly organizationId: string;
  readonly invoiceId: string;
  readonly feeIds: readonly string[];
}

/** Keeps what a provider said, in the place of an answer to other fees. @param now the organization's clock. */
export async function keepProviderAnswer(
  em: EntityManager,
  { organizationId, invoiceId, feeIds }: AskedFees,
  answer: ProviderAnswer,
  now: Date,
): Promise<void> {
  await sql(
    em,
    `insert into provider_tax_answers (invoice_id, organization_id, fee_ids, answer, created_at)
     values ($1, $2, $3::jsonb, $4::jsonb, $5)
     on conflict (invoice_id) do update
       set fee_ids = excluded.fee_ids, answer = excluded.answer, created_at = excluded.created_at`,
    [invoiceId, organizationId, JSON.stringify(feeIds), JSON.stringify(storedAnswer(answer)), now.toISOString()],
  );
}

/** What a provider said of an invoice with these fees; null: it has not been asked, or about others. */
export async function providerAnswer(
  em: EntityManager,
  { invoiceId, feeIds }: AskedFees,
): Promise<ProviderAnswer | null> {
  const row = await em.findOne(ProviderTaxAnswer, { invoiceId }, { refresh: true });
  const asked = new Set(row?.feeIds);
  if (!row || asked.size !== feeIds.length || !feeIds.every((id) => asked.has(id))) return null;
  return readAnswer(row.answer);
}

/** Forgets an answer that has been acted upon. */
export async function forgetProviderAnswer(em: EntityManager, invoiceId: string): Promise<void> {
  await em.nativeDelete(ProviderTaxAnswer, { invoiceId });
}

const storedAnswer = (answer: ProviderAnswer): StoredProviderAnswer =>
  answer.kind === 'error'
    ? answer
    : {
        kind: 'taxes',
        fees: answer.fees.map(({ feeId, taxAmountCents, breakdown }) => ({
          feeId,
          taxAmountCents: taxAmountCents.toString(),
          breakdown: breakdown.map((tax) => ({
            ...tax,
            rate: tax.rate.toFixed(),
            taxAmountCents: tax.taxAmountCents.toString(),
          })),
        })),
      };

const readAnswer = (stored: StoredProviderAnswer): ProviderAnswer =>
  stored.kind === 'error'
    ? stored
    : {
        kind: 'taxes',
        fees: stored.fees.map(({ feeId, taxAmountCents, breakdown }) => ({
          feeId,
          taxAmountCents: BigInt(taxAmountCents),
          breakdown: breakdown.map((tax) => ({
            ...tax,
            rate: new Decimal(tax.rate),
            taxAmountCents: BigInt(tax.taxAmountCents),
          })),
        })),
      };
