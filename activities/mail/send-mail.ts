import { LockMode } from '@mikro-orm/postgresql';
import { waitOfMail } from '../../billing/mail/mail-waits.ts';
import { failActs, finishActs } from '../../db/acts/finish-acts.ts';
import { markWaitingUntil, markWorking } from '../../db/acts/lanes.ts';
import { Mail } from '../../db/entities/mail/mail.ts';
import { Organization } from '../../db/entities/organizations/organization.ts';
import { scopedTo } from '../../db/orm.ts';
import { done, inActTransaction } from '../acts/do-act.ts';
import type { ActivityDependencies } from '../dependencies.ts';
import type { MailArgument } from './mail-act.ts';
import type { MailAnswer } from './post-mail.ts';
import { renderedMail } from './templates/rendered-mail.ts';

export type MailOutcome =
  /** A server has taken it, or it is not sent any more. */
  { readonly outcome: 'ended' } | { readonly outcome: 'waiting'; readonly waitMs: number };

/**
 * Sends a mail that no server has taken yet, and notes what the server says. A crash between both sends it again, under
 * the same Message-ID.
 */
export async function sendMail(dependencies: ActivityDependencies, argument: MailArgument): Promise<MailOutcome> {
  const { orm, postMail, fault } = dependencies;
  const { organizationId, mailId } = argument;
  const em = scopedTo(orm.em, organizationId);
  const mail = await em.findOneOrFail(Mail, { id: mailId });
  // One that has failed is only met here when an operator has it tried again.
  if (mail.status === 'sent') return { outcome: 'ended' };
  const organization = await em.findOneOrFail(Organization, { id: organizationId });
  const answer: MailAnswer =
    postMail === null
      ? { outcome: 'not now', response: 'no server for mail is set (DURABILL_SMTP_URL)' }
      : await postMail({
          messageId: `<${mail.id}@durabill>`,
          senderName: organization.name,
          recipient: mail.recipient,
          ...renderedMail(mail, organization.name),
        });
  fault('mail:answered');
  return noteAnswer(dependencies, argument, answer);
}

const noteAnswer = (
  dependencies: ActivityDependencies,
  { actId, organizationId, mailId }: MailArgument,
  { outcome, response }: MailAnswer,
): Promise<MailOutcome> =>
  inActTransaction<MailOutcome>(dependencies, 'mail', { organizationId }, async (em) => {
    const mail = await em.findOneOrFail(Mail, { id: mailId }, { lockMode: LockMode.PESSIMISTIC_WRITE, refresh: true });
    if (mail.status === 'sent') return done({ outcome: 'ended' });
    await markWorking(em, actId);
    const now = dependencies.realTime();
    if (outcome === 'taken') {
      em.assign(mail, { status: 'sent', response, sentAt: now });
      await em.flush();
      await finishActs(em, [actId]);
      return done({ outcome: 'ended' });
    }
    const attempts = mail.attempts + 1;
    if (outcome === 'refused' || now >= mail.triedUntil) {
      dependencies.warn('a mail could not be sent', { workflowId: actId, error: response });
      em.assign(mail, { status: 'failed', attempts, response });
      await em.flush();
      await failActs(em, [actId], response);
      return done({ outcome: 'ended' });
    }
    dependencies.warn('a mail is sent later', { workflowId: actId, error: response });
    em.assign(mail, { attempts, response });
    await em.flush();
    // The last try is at the end of its time.
    const next = Math.min(now.getTime() + waitOfMail(attempts), mail.triedUntil.getTime());
    await markWaitingUntil(em, actId, new Date(next), response);
    return done({ outcome: 'waiting', waitMs: Math.max(1, next - now.getTime()) });
  });
