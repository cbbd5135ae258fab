import { proxyLocalActivities, setHandler } from '@temporalio/workflow';
import type { RefreshArgument } from '../../activities/invoices/refresh-act.ts';
import type { Activities } from '../../activities/index.ts';
import { policies } from '../policies.ts';
import { withSecondTry } from '../second-try.ts';
import { wake } from '../waiting.ts';

const { refreshInvoice } = proxyLocalActivities<Activities>(policies.local);

/** Makes a draft anew while it is flagged; a change that comes meanwhile leads to one more time. */
export async function refresh(
  argument: RefreshArgument,
): Promise<{ readonly outcome: 'refreshed' | 'unflagged' | 'gone' }> {
  const look = { again: false };
  setHandler(wake, () => {
    look.again = true;
  });
  for (;;) {
    look.again = false;
    const result = await withSecondTry(
      { act: argument, after: '3 seconds', what: 'The draft could not be refreshed' },
      () => refreshInvoice(argument),
    );
    if (!isWanted(look)) return result;
  }
}

/** Whether a wake-up has come since. */
const isWanted = ({ again }: { readonly again: boolean }): boolean => again;
