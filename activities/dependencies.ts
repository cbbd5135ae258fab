import type { MikroORM } from '@mikro-orm/postgresql';
import type { BillingTiming } from './billing-timing.ts';
import type { ExportSettings } from './data-exports/export-settings.ts';
import type { FaultPoint } from './fault-point.ts';
import type { FileStore } from './files/file-store.ts';
import type { PostMail } from './mail/post-mail.ts';
import type { LookAheadLimits } from './look-ahead-limits.ts';
import type { AskVies } from './taxes/ask-vies.ts';
import type { TaxProviders } from './taxes/tax-provider.ts';
import type { ActStarter } from './acts/start-acts.ts';

/** What activities need of the world; tests pass their own. */
export interface ActivityDependencies {
  readonly orm: MikroORM;
  readonly starter: ActStarter;
  readonly timing: BillingTiming;
  readonly lookAhead: LookAheadLimits;
  /** Real time: the clock of live organizations. */
  readonly realTime: () => Date;
  readonly askVies: AskVies;
  readonly taxProviders: TaxProviders;
  /** null: no server for mail is set, and none is sent. */
  readonly postMail: PostMail | null;
  readonly files: FileStore;
  readonly exporting: ExportSettings;
  /** Tells the dispatcher that acts were written. */
  readonly actsWritten: () => void;
  readonly fault: FaultPoint;
  /** A loud line in the log about something that should not have happened. */
  readonly warn: (message: string, facts: Readonly<Record<string, unknown>>) => void;
}
