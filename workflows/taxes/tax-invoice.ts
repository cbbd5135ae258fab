import { proxyLocalActivities, setHandler } from '@temporalio/workflow';
import type { Activities } from '../../activities/index.ts';
import type { TaxInvoiceArgument } from '../../activities/taxes/tax-invoice-act.ts';
import { policies } from '../policies.ts';
import { withSecondTry } from '../second-try.ts';
import { wake } from '../waiting.ts';

const { taxWaitingInvoice } = proxyLocalActivities<Activities>(policies.local);

/**
 * Taxes an invoice that waited for its taxes, and makes it final; an answer that comes meanwhile leads to one more
 * look.
 */
export async function taxInvoice(
  argument: TaxInvoiceArgument,
): Promise<{ readonly outcome: 'taxed' | 'waits' | 'already_done' }> {
  const look = { again: false };
  setHandler(wake, () => {
    look.again = true;
  });
  for (;;) {
    look.again = false;
    const result = await withSecondTry(
      { act: argument, after: '3 seconds', what: 'The invoice could not be taxed' },
      () => taxWaitingInvoice(argument),
    );
    if (!isWanted(look)) return result;
  }
}

/** Whether a wake-up has come since. */
const isWanted = ({ again }: { readonly again: boolean }): boolean => again;
