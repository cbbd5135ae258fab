import type { AddressInfo } from 'node:net';
import { SMTPServer, type SMTPServerOptions } from 'smtp-server';

/** A mail that the server has taken. */
export interface TakenMail {
  readonly from: string;
  readonly to: readonly string[];
  /** As it came, headers and all. */
  readonly source: string;
}

export interface MailServer {
  /** What durabill gets as `DURABILL_SMTP_URL`. */
  readonly url: string;
  /** In the order in which they were taken. */
  readonly taken: TakenMail[];
  /** Conversations that have come to a recipient, also those that were refused. */
  readonly tries: () => number;
  /** What is answered to recipients from now on: a code from 400 on; null: they are taken. */
  refuses(code: number | null): void;
  /** Whose password is the right one from now on, of those who give one: `user:password`. */
  knows(login: string): void;
  close(): Promise<void>;
}

/** A real SMTP server, which takes whatever it is not told to refuse, and delivers nothing. */
export async function mailServer(): Promise<MailServer> {
  const taken: TakenMail[] = [];
  let code: number | null = null;
  let tries = 0;
  let known = '';
  const options: SMTPServerOptions = {
    authOptional: true,
    // Over loopback, in the clear.
    allowInsecureAuth: true,
    onAuth: ({ username, password }, _session, done) => {
      if (`${username}:${password}` === known) done(null, { user: username });
      else done(Object.assign(new Error('authentication failed'), { responseCode: 535 }));
    },
    disabledCommands: ['STARTTLS'],
    onRcptTo: (_address, _session, done) => {
      tries += 1;
      if (code === null) done();
      else done(Object.assign(new Error('not for you'), { responseCode: code }));
    },
    onData: (stream, { envelope }, done) => {
      const chunks: Buffer[] = [];
      stream.on('data', (chunk: Buffer) => chunks.push(chunk));
      stream.on('end', () => {
        const from = envelope.mailFrom === false ? '' : envelope.mailFrom.address;
        const to = envelope.rcptTo.map(({ address }) => address);
        taken.push({ from, to, source: Buffer.concat(chunks).toString('utf8') });
        done();
      });
    },
  };
  const server = new SMTPServer(options);
  await new Promise<void>((listening) => {
    server.listen(0, '127.0.0.1', listening);
  });
  return {
    url: `smtp://127.0.0.1:${(server.server.address() as AddressInfo).port}`,
    taken,
    tries: () => tries,
    refuses: (given) => {
      code = given;
    },
    knows: (login) => {
      known = login;
    },
    close: () => new Promise((closed) => server.close(closed)),
  };
}
