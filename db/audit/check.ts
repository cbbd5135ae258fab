/** `error`: it must not be; `warning`: it may be, and somebody has to do something about it. */
export type Severity = 'error' | 'warning';

/** Something that must hold of every row, as SQL for the rows of which it does not. */
export interface Rule {
  /** What holds, as a sentence. */
  readonly holds: string;
  readonly severity: Severity;
  /** What an operator does about a finding. */
  readonly advice: string;
  /** Answers `subject` (what it is about: a kind of row and its id) and `detail`, both text. */
  readonly sql: string;
  readonly parameters?: readonly unknown[];
}

export interface Finding {
  readonly subject: string;
  readonly detail: string;
}

/** A rule that does not hold everywhere. */
export interface BrokenRule {
  readonly holds: string;
  readonly severity: Severity;
  readonly advice: string;
  /** How often. */
  readonly count: number;
  /** The first of them. */
  readonly findings: readonly Finding[];
}

/** What a check may ask; everything in it is of one moment. */
export interface Audit {
  readonly rows: <Row extends object>(sql: string, parameters?: readonly unknown[]) => Promise<readonly Row[]>;
  /** Looks for the rows of which a rule does not hold. */
  readonly find: (rule: Rule) => Promise<void>;
  /** Says what was looked at. */
  readonly examined: (count: number, what: string) => void;
  /** Told now and then by a check that takes long. */
  readonly progress: (text: string) => void;
  readonly options: AuditOptions;
}

export interface AuditOptions {
  /** Compares every rollup with its events, not a sample of subscriptions. */
  readonly full: boolean;
  /** The kinds of acts that this version does; a rule about another kind is left out. */
  readonly kinds: ReadonlySet<string>;
  /** Chooses the sample; the same one gives the same sample. */
  readonly seed: string;
}

/** One aspect of a sound database, of which several rules tell. */
export interface Check {
  readonly name: string;
  readonly title: string;
  readonly run: (audit: Audit) => Promise<void>;
}

/** The number of rows of a query, for `examined`. */
export async function countOf(audit: Audit, sql: string): Promise<number> {
  const [row] = await audit.rows<{ count: string }>(`select count(*)::text as count ${sql}`);
  return Number(row?.count ?? 0);
}
