import { condition, continueAsNew, proxyActivities, setHandler, workflowInfo } from '@temporalio/workflow';
import type { Activities } from '../../activities/index.ts';
import type { MailArgument } from '../../activities/mail/mail-act.ts';
import { policies } from '../policies.ts';
import { wake } from '../waiting.ts';

const { sendMail } = proxyActivities<Activities>(policies.mailing);

/** A mail: tries to send it until a server takes it or its time is over. A wake-up has it tried at once. */
export async function mail(argument: MailArgument): Promise<void> {
  let wakeUps = 0;
  setHandler(wake, () => {
    wakeUps += 1;
  });
  for (;;) {
    const before = wakeUps;
    const sent = await sendMail(argument);
    if (sent.outcome === 'ended') return;
    await condition(() => wakeUps > before, sent.waitMs);
    if (workflowInfo().continueAsNewSuggested) await continueAsNew<typeof mail>(argument);
  }
}
