import { Decimal } from '../../billing/money/decimal.ts';
import type { ProviderAnswer } from '../../billing/taxes/provider-answer.ts';
import type { ProviderQuestion, TaxProvider } from '../../activities/taxes/tax-provider.ts';

/** What it says to the next question: an answer, a function that makes one, or an error that is thrown. */
export type ProviderReply =
  | ProviderAnswer
  | Error
  | ((question: ProviderQuestion) => ProviderAnswer | Promise<ProviderAnswer>);

/** An external tax provider of a test. */
export interface TaxProviderStandIn extends TaxProvider {
  readonly asked: readonly (ProviderQuestion & { readonly by: 'estimate' | 'record' })[];
  /** To the questions to come, one each; then it takes 10 % of every fee. */
  readonly says: (...replies: readonly ProviderReply[]) => void;
}

/** Its answer turns the fees round: whoever matches them by position taxes the wrong ones (S067). */
export const tenPercent = ({ fees }: Pick<ProviderQuestion, 'fees'>): ProviderAnswer => ({
  kind: 'taxes',
  fees: fees.toReversed().map(({ feeId, amountCents }) => {
    const taxAmountCents = (amountCents + 5n) / 10n;
    return {
      feeId,
      taxAmountCents,
      breakdown: [{ name: 'Sales Tax (CA)', rate: new Decimal('0.1'), taxAmountCents, type: 'sales' }],
    };
  }),
});

export function taxProviderStandIn(): TaxProviderStandIn {
  const asked: (ProviderQuestion & { readonly by: 'estimate' | 'record' })[] = [];
  const replies: ProviderReply[] = [];
  const ask = (by: 'estimate' | 'record') => async (question: ProviderQuestion) => {
    asked.push({ ...question, by });
    const reply = replies.shift() ?? tenPercent;
    if (reply instanceof Error) throw reply;
    return typeof reply === 'function' ? reply(question) : reply;
  };
  return {
    name: 'stand_in',
    asked,
    says: (...more) => void replies.push(...more),
    estimate: ask('estimate'),
    record: ask('record'),
  };
}
