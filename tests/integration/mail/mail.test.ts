// Mails over a real SMTP server: one for each export that asks for it, sent until a server takes it (S069).
import { afterAll, beforeAll, beforeEach, expect, test } from '@jest/globals';
import { makePostMail } from '../../../activities/mail/post-mail.ts';
import { renderedMail } from '../../../activities/mail/templates/rendered-mail.ts';
import { actsByHand } from '../../support/acts-by-hand.ts';
import { mailServer, type MailServer } from '../../support/servers/mail-server.ts';
import { listeningApp, type ListeningApp } from '../api/listening-app.ts';
import { exportingOrganization, NOW, type ExportingOrganization } from '../data-exports/exporting-organization.ts';

const FROM = 'billing@durabill.test';

let app: ListeningApp;
let server: MailServer;
let organization: ExportingOrganization;

beforeAll(async () => {
  [app, server] = await Promise.all([listeningApp(), mailServer()]);
});
beforeEach(async () => {
  server.taken.length = 0;
  server.refuses(null);
  const postMail = makePostMail({ url: server.url, from: FROM });
  organization = await exportingOrganization(app, { name: 'Zoë & "Sons"', document_locale: 'fr' }, { postMail });
});
afterAll(async () => {
  await server.close();
  await app.close();
});

const exported = () => organization.exported({ resource_type: 'invoices', notify_email: 'ada@acme.test' });

const mails = () =>
  app.rows<{ id: string; status: string; attempts: number; response: string | null; state: string }>(
    `select mails.id, mails.status, mails.attempts, mails.response, acts.state
     from mails join acts on acts.id = 'mail/' || mails.id where mails.organization_id = $1`,
    [organization.organizationId],
  );

/** The wait is over. */
async function tryAgain(): Promise<void> {
  await app.rows(`update acts set state = 'wanted', due_at = null where kind = 'mail' and organization_id = $1`, [
    organization.organizationId,
  ]);
  await organization.acts.run(NOW);
}

/** Its body is quoted-printable or base64: both are read by their parts. */
function partsOf(source: string): string[] {
  return source
    .split(/^--[^\r\n]+$/m)
    .slice(1, -1)
    .map((part) => {
      const [head = '', ...body] = part.split('\r\n\r\n');
      const text = body.join('\r\n\r\n');
      if (/base64/i.test(head)) return Buffer.from(text, 'base64').toString('utf8');
      const joined = text.replaceAll(/=\r\n/g, '');
      const bytes = joined.replaceAll(/=([0-9A-F]{2})/g, (_, hex: string) =>
        String.fromCodePoint(Number.parseInt(hex, 16)),
      );
      return /quoted-printable/i.test(head) ? Buffer.from(bytes, 'latin1').toString('utf8') : text;
    });
}

test('an export that is ready is told once, in the language of the organization, as text and as HTML', async () => {
  const id = await exported();
  expect(server.taken).toHaveLength(1);
  const [{ from, to, source } = { from: '', to: [], source: '' }] = server.taken;
  expect([from, to]).toEqual([FROM, ['ada@acme.test']]);
  const [text = '', html = ''] = partsOf(source);
  const { file_url: link, filename } = await organization.shown(id);
  expect(text).toContain(`Le fichier ${filename} de Zoë & "Sons" est prêt.`);
  expect(text).toContain(link);
  expect(text).toContain('2024-03-12 10:00');
  expect(html).toContain(`de Zoë &amp; &quot;Sons&quot; est prêt.`);
  expect(html).toContain(`<a href="${link}">`);
  const [mail] = await mails();
  expect(source).toContain(`Message-ID: <${mail!.id}@durabill>`);
  expect(mail).toMatchObject({ status: 'sent', attempts: 0, state: 'done' });
  // Whatever happens later: what a server has taken is not sent again.
  await app.rows(`update acts set state = 'wanted' where id = $1`, [`mail/${mail!.id}`]);
  await organization.acts.run(NOW).catch(() => undefined);
  expect(server.taken).toHaveLength(1);
});

test('no mail is written where nobody asks for one, or where there is no server', async () => {
  await organization.exported({ resource_type: 'invoices' });
  const without = actsByHand(app.orm, organization.organizationId);
  await organization.ok('POST', '/data_exports', {
    data_export: { resource_type: 'invoices', notify_email: 'ada@acme.test' },
  });
  await without.run(NOW);
  expect(await mails()).toEqual([]);
});

test('a server that is busy is asked again, one that refuses is not', async () => {
  server.refuses(451);
  await exported();
  const response = expect.stringContaining('451');
  expect(await mails()).toMatchObject([{ status: 'pending', attempts: 1, state: 'waiting', response }]);
  server.refuses(null);
  await tryAgain();
  expect(server.taken).toHaveLength(1);
  expect(await mails()).toMatchObject([{ status: 'sent', attempts: 1, state: 'done' }]);

  server.refuses(550);
  await exported();
  expect(server.taken).toHaveLength(1);
  expect((await mails()).filter(({ state }) => state === 'failed')).toMatchObject([{ status: 'failed' }]);
});

test('a wrong password is shown by the workflow, and no mail is lost by it', async () => {
  const url = server.url.replace('//', '//durabill:new@');
  const postMail = makePostMail({ url, from: FROM });
  organization = await exportingOrganization(app, {}, { postMail });
  server.knows('durabill:old');
  await exported();
  expect(server.taken).toEqual([]);
  const [waiting] = await mails();
  expect(waiting).toMatchObject({ status: 'pending', attempts: 1, state: 'waiting' });
  const { workflow } = (await organization.ok('GET', `/workflows/mail%2F${waiting!.id}`)) as any;
  expect(workflow).toMatchObject({ state: 'waiting', error: expect.stringContaining('535') });
  server.knows('durabill:new');
  await tryAgain();
  expect(server.taken).toHaveLength(1);
  expect(await mails()).toMatchObject([{ status: 'sent', attempts: 1, state: 'done' }]);
});

test('it is given up after 72 hours of real time', async () => {
  server.refuses(421);
  await exported();
  await app.rows(`update mails set tried_until = '2024-01-01' where organization_id = $1`, [
    organization.organizationId,
  ]);
  await tryAgain();
  expect(await mails()).toMatchObject([{ status: 'failed', attempts: 2, state: 'failed' }]);
});

test.each([
  ['de-AT', 'Ihr Export ist fertig'],
  ['es', 'Su exportación está lista'],
  ['nl', 'Your export is ready'],
])('in %s its subject is "%s"', (locale, subject) => {
  const mail = { kind: 'data_export_ready', facts: { filename: 'a.csv' }, locale } as const;
  expect(renderedMail(mail, 'Acme').subject).toBe(subject);
});
