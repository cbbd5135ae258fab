import { defineEntity, p, type InferEntity } from '@mikro-orm/postgresql';

/** What a mail is about: each kind has its template (`activities/mail/templates/`). */
export type MailKind = 'data_export_ready';

export type MailStatus = 'pending' | 'sent' | 'failed';

/** A mail: written with its cause, sent by an act of its own, and never again once a server has taken it. */
export const Mail = defineEntity({
  name: 'Mail',
  tableName: 'mails',
  properties: {
    id: p.uuid().primary(),
    organizationId: p.uuid(),
    kind: p.text().$type<MailKind>(),
    /** What it is about: there is one mail of a kind for each. */
    objectId: p.uuid(),
    recipient: p.text(),
    /** What its template says. */
    facts: p.json<Record<string, string>>(),
    locale: p.text(),
    status: p.text().$type<MailStatus>(),
    /** Failed tries. */
    attempts: p.integer().default(0),
    /** What the server said last. */
    response: p.text().nullable(),
    /** Real time until which it is tried. */
    triedUntil: p.datetime(3),
    /** Real time at which a server took it. */
    sentAt: p.datetime(3).nullable(),
    createdAt: p.datetime(3),
  },
  uniques: [{ name: 'mails_one_of_a_kind', properties: ['organizationId', 'kind', 'objectId'] }],
});
export type Mail = InferEntity<typeof Mail>;
