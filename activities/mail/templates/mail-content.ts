/** What a template is given: the facts of the mail, its language without the region, whose mail it is. */
export interface TemplateInput {
  readonly facts: Readonly<Record<string, string>>;
  readonly language: string;
  readonly organization: string;
}

/** The paragraphs of a mail; a link is one of its own. */
export interface MailContent {
  readonly subject: string;
  readonly paragraphs: readonly (string | { readonly link: string; readonly label: string })[];
}
