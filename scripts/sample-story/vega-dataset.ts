import { readFile } from 'node:fs/promises';
import { findPackageJSON } from 'node:module';
import { dirname, join } from 'node:path';

/** The text of a data file of the package `vega-datasets`, wherever that is installed. */
export function readVegaDataset(name: string): Promise<string> {
  const manifest = findPackageJSON('vega-datasets', import.meta.url);
  if (manifest === undefined) throw new Error('The package vega-datasets is not installed.');
  return readFile(join(dirname(manifest), 'data', name), 'utf8');
}
