import type { EntityManager } from '@mikro-orm/postgresql';
import { v7 } from 'uuid';
import { TRIED_FOR_MS } from '../../billing/mail/mail-waits.ts';
import { wantActs } from '../../db/acts/want-acts.ts';
import { Mail, type MailKind } from '../../db/entities/mail/mail.ts';
import { BillingEntity } from '../../db/entities/organizations/billing-entity.ts';
import type { ActivityDependencies } from '../dependencies.ts';
import { mailAct } from './mail-act.ts';

export interface MailToWrite {
  readonly organizationId: string;
  readonly kind: MailKind;
  readonly objectId: string;
  readonly recipient: string;
  readonly facts: Readonly<Record<string, string>>;
}

/**
 * Writes a mail in the transaction of its cause, in the language of the organization: it is sent once that has
 * committed, and never if it does not (S009). Where there is no server for mail, none is written.
 *
 * @param now the organization's clock.
 */
export async function writeMail(
  em: EntityManager,
  { postMail, realTime }: Pick<ActivityDependencies, 'postMail' | 'realTime'>,
  mail: MailToWrite,
  now: Date,
): Promise<void> {
  if (postMail === null) return;
  const { organizationId } = mail;
  const entity = await em.findOneOrFail(BillingEntity, { isDefault: true });
  const id = v7();
  em.create(Mail, {
    ...mail,
    id,
    locale: entity.documentLocale,
    status: 'pending',
    triedUntil: new Date(realTime().getTime() + TRIED_FOR_MS),
    createdAt: now,
  });
  await em.flush();
  await wantActs(em, [mailAct({ organizationId, mailId: id })], now, { startedBy: 'dispatcher' });
}
