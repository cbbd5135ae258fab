/**
 * Settings under test, `--with name=value`: each is tried beside the same work without it (`npm run bench -- compare
 * --with gogc=200`) before it becomes a setting of the product.
 */
export interface Switches {
  /** How much Temporal's heap grows before Go collects it, in per cent; Go's own default is 100. */
  readonly gogc?: string;
  /** SQLite's, of the embedded Temporal: `normal` may lose starts that were acknowledged before a power cut. */
  readonly synchronous?: string;
  /** `off`: Temporal reads its list of search attributes from its cache. */
  readonly refresh?: string;
  /** `off`: the workflows' thread keeps no stack traces of what each workflow waits for. */
  readonly hooks?: string;
  /** Workflows that each queue of the worker keeps in memory, at most. */
  readonly cached?: string;
  /** No setting of a process: a tax of that rate, in per cent, on every fee of the billing peak. */
  readonly taxed?: string;
  /**
   * No setting of a process either: a coupon of so many cents, forever, and an open credit note of as many on every
   * customer of the billing peak.
   */
  readonly coupon?: string;
  /** `pg.<name>`: a setting of the embedded PostgreSQL. */
  readonly [postgres: `pg.${string}`]: string;
}

const NAMES = ['gogc', 'synchronous', 'refresh', 'hooks', 'cached', 'taxed', 'coupon'];

/** @throws Error for what is none. */
export function parseSwitches(given: readonly string[]): Switches {
  const pairs = given.map((text) => {
    const [, name = '', value = ''] = /^([^=]+)=(.+)$/.exec(text) ?? [];
    if (!NAMES.includes(name) && !/^pg\.\w+$/.test(name)) {
      throw new Error(`--with ${text}: it takes ${NAMES.map((known) => `${known}=…`).join(', ')} or pg.<setting>=….`);
    }
    return [name, value] as const;
  });
  return Object.fromEntries(pairs);
}

/** For the command line of the embedded Temporal; what comes last holds. */
export const temporalArguments = ({ synchronous, refresh }: Switches): string[] => [
  ...(synchronous === undefined ? [] : ['--sqlite-pragma', `synchronous=${synchronous}`]),
  ...(refresh === undefined
    ? []
    : ['--dynamic-config-value', `system.forceSearchAttributesCacheRefreshOnRead=${refresh !== 'off'}`]),
];

export const postgresSettings = (switches: Switches): string[] =>
  Object.entries(switches as Readonly<Record<string, string>>)
    .filter(([name]) => name.startsWith('pg.'))
    .map(([name, value]) => `${name.slice('pg.'.length)}=${value}`);
