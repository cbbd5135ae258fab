import { readFile } from 'node:fs/promises';
import { findPackageJSON } from 'node:module';
import { dirname, join } from 'node:path';

/** Where a data file of the package `vega-datasets` is, wherever that is installed. */
export function pathOfVegaDataset(name: string): string {
  const manifest = findPackageJSON('vega-datasets', import.meta.url);
  if (manifest === undefined) throw new Error('The package vega-datasets is not installed.');
  return join(dirname(manifest), 'data', name);
}

/** The text of a data file. */
export const readVegaDataset = (name: string): Promise<string> => readFile(pathOfVegaDataset(name), 'utf8');
