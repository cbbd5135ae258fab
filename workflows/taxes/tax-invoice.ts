import { proxyActivities, proxyLocalActivities, setHandler } from '@temporalio/workflow';
import type { Activities } from '../../activities/index.ts';
import type { TaxInvoiceArgument } from '../../activities/taxes/tax-invoice-act.ts';
import { policies } from '../policies.ts';
import { withSecondTry } from '../second-try.ts';
import { wake, wokenOr } from '../waiting.ts';

const { taxWaitingInvoice } = proxyLocalActivities<Activities>(policies.local);
const { askTaxProvider } = proxyActivities<Activities>(policies.asking);

export interface TaxInvoiceEnd {
  readonly outcome: 'taxed' | 'failed' | 'waits' | 'already_done';
  /** How often this run has asked the customer's tax provider and was answered, with whatever. */
  readonly answers: number;
}

/**
 * Taxes an invoice that waited for its taxes, and makes it final: by our rules once its customer's VAT number is
 * checked, or as the customer's tax provider says, whom it asks. An answer that comes meanwhile leads to one more look;
 * a provider that has no room is asked again later.
 */
export async function taxInvoice(argument: TaxInvoiceArgument): Promise<TaxInvoiceEnd> {
  let wakeUps = 0;
  let answers = 0;
  setHandler(wake, () => {
    wakeUps += 1;
  });
  for (;;) {
    const before = wakeUps;
    const step = await withSecondTry(
      { act: argument, after: '3 seconds', what: 'The invoice could not be taxed' },
      () => taxWaitingInvoice(argument),
    );
    switch (step.outcome) {
      case 'ask': {
        const { organizationId, invoiceId } = argument;
        const asked = await askTaxProvider({ organizationId, invoiceId });
        if (asked.outcome === 'answered') answers += 1;
        break;
      }
      case 'waiting':
        await wokenOr(step.dueAt, () => wakeUps > before);
        break;
      case 'taxed':
      case 'failed':
      case 'waits':
      case 'already_done':
        if (wakeUps === before) return { outcome: step.outcome, answers };
    }
  }
}
