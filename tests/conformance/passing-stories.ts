import { readFileSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { filesOfRepository, REPOSITORY } from '../support/repository.ts';

const FILE = join(REPOSITORY, 'tests', 'conformance', 'passing.json');

/**
 * The names of all stories, sorted; a story's file has its name.
 *
 * @param filter only those whose file, name or covers contain this, as `run.mjs --filter` selects.
 */
export function allStories(filter?: string): string[] {
  return filesOfRepository('tests/conformance/scenarios')
    .filter((file) => filter === undefined || [file, ...coversOf(file)].some((text) => text.includes(filter)))
    .map((file) => basename(file, '.json'))
    .toSorted();
}

function coversOf(file: string): string[] {
  return (JSON.parse(readFileSync(join(REPOSITORY, file), 'utf8')) as { covers: string[] }).covers;
}

/** The names of the stories that must pass, as the file lists them. */
export function listedStories(): string[] {
  return JSON.parse(readFileSync(FILE, 'utf8')) as string[];
}

export function writeListedStories(names: Iterable<string>): void {
  writeFileSync(FILE, `${JSON.stringify([...new Set(names)].toSorted(), null, 2)}\n`);
}
