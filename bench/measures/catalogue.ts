/** What can be measured. */
export const MEASURES = [
  { name: 'a', title: 'many periods due in one moment, their workflows still in memory' },
  {
    name: "a'",
    others: ['uncached', 'e', 'life'],
    title: 'the same after a month, when no workflow is in memory; and the whole life of a period',
  },
  { name: 'b', title: 'many periods due in one moment, with a webhook endpoint' },
  { name: 'c', title: "from a period's end to its invoice, 20 together" },
  { name: 'd', title: 'POST /subscriptions by 16 clients' },
  { name: 'f', title: 'POST /events/batch by 4 clients, 100 events each' },
  { name: 'g', title: 'many live subscriptions' },
  { name: 'h', title: 'an export of many fees, and billing beside it' },
  { name: 'i', title: 'ten periods of one organization, due beside many of another' },
  { name: 'j', title: 'events of a charge in advance, each with its invoice' },
] as const;

export type MeasureName = (typeof MEASURES)[number]['name'];

export interface Measure {
  readonly name: MeasureName;
  /** By which it is asked for too. */
  readonly others?: readonly string[];
  readonly title: string;
}

/**
 * Each once, in the catalogue's order; all of them when none is named.
 *
 * @throws Error for a name that no measure has.
 */
export function measuresNamed(names: readonly string[]): readonly Measure[] {
  const measures: readonly Measure[] = MEASURES;
  const unknown = names.find((name) => !measures.some((measure) => isNamed(measure, name)));
  if (unknown !== undefined) {
    const known = measures.map(({ name, others = [] }) => [name, ...others].join(' or ')).join(', ');
    throw new Error(`There is no measure "${unknown}": ${known}.`);
  }
  return names.length === 0 ? measures : measures.filter((measure) => names.some((name) => isNamed(measure, name)));
}

export const isMeasure = (name: string): boolean => MEASURES.some((measure) => isNamed(measure, name));

const isNamed = ({ name, others = [] }: Measure, text: string): boolean => name === text || others.includes(text);
