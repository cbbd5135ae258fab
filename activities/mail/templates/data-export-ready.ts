import type { MailContent, TemplateInput } from './mail-content.ts';

interface Words {
  readonly subject: string;
  readonly ready: (filename: string, organization: string) => string;
  readonly label: string;
  readonly until: (day: string) => string;
}

const ENGLISH: Words = {
  subject: 'Your export is ready',
  ready: (filename, organization) => `The file ${filename} of ${organization} is ready.`,
  label: 'Download the file',
  until: (day) => `It can be downloaded until ${day} (UTC).`,
};

const WORDS: Readonly<Record<string, Words>> = {
  en: ENGLISH,
  de: {
    subject: 'Ihr Export ist fertig',
    ready: (filename, organization) => `Die Datei ${filename} von ${organization} ist fertig.`,
    label: 'Datei herunterladen',
    until: (day) => `Sie kann bis ${day} (UTC) heruntergeladen werden.`,
  },
  es: {
    subject: 'Su exportación está lista',
    ready: (filename, organization) => `El archivo ${filename} de ${organization} está listo.`,
    label: 'Descargar el archivo',
    until: (day) => `Se puede descargar hasta el ${day} (UTC).`,
  },
  fr: {
    subject: 'Votre export est prêt',
    ready: (filename, organization) => `Le fichier ${filename} de ${organization} est prêt.`,
    label: 'Télécharger le fichier',
    until: (day) => `Il peut être téléchargé jusqu’au ${day} (UTC).`,
  },
};

/** "Your export is ready", with its link (S069). In a language that we do not have it is in English. */
export function dataExportReady({ facts, language, organization }: TemplateInput): MailContent {
  const { filename = '', link = '', expiresAt = '' } = facts;
  const words = WORDS[language] ?? ENGLISH;
  const day = expiresAt.slice(0, 'YYYY-MM-DDTHH:MM'.length).replace('T', ' ');
  return {
    subject: words.subject,
    paragraphs: [words.ready(filename, organization), { link, label: words.label }, words.until(day)],
  };
}
