import type { Mail, MailKind } from '../../../db/entities/mail/mail.ts';
import { dataExportReady } from './data-export-ready.ts';
import type { MailContent, TemplateInput } from './mail-content.ts';

/** What of a mail a person reads. */
export interface RenderedMail {
  readonly subject: string;
  readonly text: string;
  readonly html: string;
}

const TEMPLATES: Readonly<Record<MailKind, (input: TemplateInput) => MailContent>> = {
  data_export_ready: dataExportReady,
};

/** A mail as text and as HTML, from the same paragraphs. */
export function renderedMail(
  { kind, facts, locale }: Pick<Mail, 'kind' | 'facts' | 'locale'>,
  organization: string,
): RenderedMail {
  const [language = 'en'] = locale.split('-');
  const { subject, paragraphs } = TEMPLATES[kind]({ facts, language, organization });
  return {
    subject,
    text: `${paragraphs.map((part) => (typeof part === 'string' ? part : part.link)).join('\n\n')}\n`,
    html: page(language, subject, paragraphs.map(htmlOf).join('\n')),
  };
}

const htmlOf = (part: MailContent['paragraphs'][number]): string =>
  typeof part === 'string'
    ? `<p>${escaped(part)}</p>`
    : `<p><a href="${escaped(part.link)}">${escaped(part.label)}</a></p>`;

const page = (language: string, title: string, body: string): string => `<!doctype html>
<html lang="${language}">
<head><meta charset="utf-8"><title>${escaped(title)}</title></head>
<body style="font-family: sans-serif; line-height: 1.5">
${body}
</body>
</html>
`;

const ENTITIES: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;' };

const escaped = (text: string): string => text.replaceAll(/[&<>"]/g, (character) => ENTITIES[character]!);
