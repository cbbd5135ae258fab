import { zstdDecompressSync } from 'node:zlib';
import { asyncBufferFromFile, parquetMetadataAsync, parquetReadObjects, type Compressors } from 'hyparquet';
import type { Flight } from '../scripts/sample-story/flights.ts';
import { pathOfVegaDataset } from '../scripts/sample-story/vega-dataset.ts';

/** A row as the file has it; its dates name no zone and are taken as UTC, its numbers are 64 bits wide. */
interface FlightRow {
  readonly date: Date;
  readonly delay: bigint;
  readonly distance: bigint;
  readonly origin: string;
  readonly destination: string;
}

const compressors: Compressors = { ZSTD: (input) => zstdDecompressSync(input) };

/** The 3,000,000 real flights of the package's largest file, in the order of their departure, a part at a time. */
export async function* readFlightParts(limit: number): AsyncGenerator<readonly Flight[]> {
  const file = await asyncBufferFromFile(pathOfVegaDataset('flights-3m.parquet'));
  const metadata = await parquetMetadataAsync(file);
  let start = 0;
  for (const { num_rows: rows } of metadata.row_groups) {
    if (start >= limit) return;
    const rowEnd = Math.min(start + Number(rows), limit);
    const read = await parquetReadObjects({ file, metadata, compressors, rowStart: start, rowEnd });
    const first = start + 1;
    yield (read as unknown as readonly FlightRow[]).map(({ date, delay, distance, ...airports }, index) => ({
      ...airports,
      number: first + index,
      departedAt: date.getTime() / 1000,
      distance: Number(distance),
      delay: Number(delay),
    }));
    start = rowEnd;
  }
}
