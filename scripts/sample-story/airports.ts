import { readVegaDataset } from './vega-dataset.ts';

export interface Airport {
  /** IATA code. */
  readonly code: string;
  readonly name: string;
  readonly city: string;
  /** Two letters; null: none known. */
  readonly state: string | null;
}

const UNKNOWN = 'NA';

/** Airports of the United States by their code. */
export async function readAirports(): Promise<ReadonlyMap<string, Airport>> {
  const [, ...lines] = (await readVegaDataset('airports.csv')).trimEnd().split(/\r?\n/);
  return new Map(
    lines.map((line) => {
      const [code = '', name = '', city = '', state = UNKNOWN] = csvFields(line);
      return [code, { code, name, city, state: state === UNKNOWN ? null : state }];
    }),
  );
}

/** The fields of one line; quoted ones may hold commas, and quotes written twice. */
export function csvFields(line: string): readonly string[] {
  return [...line.matchAll(/(?<=^|,)(?:"((?:[^"]|"")*)"|([^,]*))/g)].map(
    ([, quoted, plain]) => quoted?.replaceAll('""', '"') ?? plain ?? '',
  );
}
