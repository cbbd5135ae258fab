import { createTransport } from 'nodemailer';

/** A mail as it goes over the wire. */
export interface OutgoingMail {
  /** The same at each try, so that whoever gets it twice can tell. */
  readonly messageId: string;
  /** Whose name stands before our address. */
  readonly senderName: string;
  readonly recipient: string;
  readonly subject: string;
  readonly text: string;
  readonly html: string;
}

/** What a server has said to a mail. */
export type MailAnswer =
  | { readonly outcome: 'taken'; readonly response: string }
  /** It may take it another time: it is away or busy (a code of 400 to 499), or does not know our password. */
  | { readonly outcome: 'not now'; readonly response: string }
  /** It never will: the address is wrong, or we may not send (a code of 500 to 599). */
  | { readonly outcome: 'refused'; readonly response: string };

/** Codes of a server that does not let us in (RFC 4954, 6): an operator can mend that, and no mail is lost by it. */
const NOT_LET_IN = [530, 534, 535, 538];

/** Sends a mail; whatever goes wrong is an answer. */
export type PostMail = (mail: OutgoingMail) => Promise<MailAnswer>;

export interface MailServer {
  /** `smtp://user:password@host:587`, or `smtps://`. */
  readonly url: string;
  /** The address of the sender. */
  readonly from: string;
}

/** How long a server may take for a step of the conversation. */
const STEP_LIMIT_MS = 20_000;

export function makePostMail({ url, from }: MailServer): PostMail {
  const transport = createTransport({
    url,
    connectionTimeout: STEP_LIMIT_MS,
    greetingTimeout: STEP_LIMIT_MS,
    socketTimeout: STEP_LIMIT_MS,
    // What is in a mail is ours alone: nothing of it is read from a file or from the net.
    disableFileAccess: true,
    disableUrlAccess: true,
  } as never);
  return async ({ messageId, senderName, recipient, subject, text, html }) => {
    try {
      const answer = (await transport.sendMail({
        messageId,
        from: { name: senderName, address: from },
        to: recipient,
        subject,
        text,
        html,
        // No answer is wanted from a machine that is out of office.
        headers: { 'Auto-Submitted': 'auto-generated' },
      })) as { readonly response?: string };
      return { outcome: 'taken', response: answer.response ?? '' };
    } catch (error) {
      const { code, responseCode = 0, message } = error as { code?: string; responseCode?: number; message: string };
      const isRefused = responseCode >= 500 && code !== 'EAUTH' && !NOT_LET_IN.includes(responseCode);
      return { outcome: isRefused ? 'refused' : 'not now', response: message };
    }
  };
}
