// Comments cite the rules of docs/spec: "(spec, usage 3.7; money 0)", "S048". Each place that is cited exists.
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { filesOfRepository, REPOSITORY } from '../support/repository.ts';

const PAGES = ['usage', 'subscriptions-and-invoices', 'money', 'api'];
const read = (file: string): string => readFileSync(join(REPOSITORY, file), 'utf8');

/** The places of a page: its numbered sections ("3.2"), and the numbered items of each ("3.2.5"). */
function placesOf(text: string): ReadonlySet<string> {
  const places = new Set<string>();
  let section: string | undefined;
  for (const line of text.split('\n')) {
    const heading = /^#{2,4} (\d+(?:\.\d+)*)\.? /.exec(line)?.[1];
    if (/^#{2,4} /.test(line)) section = heading;
    const item = /^(\d+)\. /.exec(line)?.[1];
    if (heading !== undefined) places.add(heading);
    else if (section !== undefined && item !== undefined) places.add(`${section}.${item}`);
  }
  return places;
}

const places = new Map(PAGES.map((page) => [page, placesOf(read(`docs/spec/${page}.md`))]));
const behaviours = new Set(read('docs/spec/behaviours.md').match(/(?<=^\| )S\d{3}\b/gm));

const CITATION = /\(spec, |\bSpec, |\bspec, (?=[a-z-]+ \d)/g;
/** One place of a citation: "usage 3.7", and behind a page also "3.9" alone; "5.1 b" is a part of 5.1. */
const PLACE = /^(?:(?<page>[a-z][a-z-]*)\b ?)?(?<place>\d+(?:\.\d+)*)?(?: [a-z]\b)?(?:, |; | and | to )?/;

/** What a text cites, as "page place", "decisions" or "S048". A citation of no page is given back as its first word. */
function citationsOf(text: string): readonly string[] {
  const prose = text.replace(/[ \t]*\n\s*(?:\*|\/\/)?[ \t]*/g, ' ');
  const cited: string[] = [];
  for (const { index, 0: opening } of prose.matchAll(CITATION)) {
    let rest = prose.slice(index + opening.length);
    let page: string | undefined;
    for (;;) {
      const { 0: part, groups } = PLACE.exec(rest)!;
      const { page: named, place } = groups as { page?: string; place?: string };
      if (part === '' || (page !== undefined && named !== undefined && !isPage(named))) break;
      page = named ?? page;
      if (place !== undefined) cited.push(`${page} ${place}`);
      else if (!/^ ?S\d/.test(rest.slice(part.length))) cited.push(page ?? '');
      rest = rest.slice(part.length);
    }
  }
  return [...cited, ...(prose.match(/\bS\d{3}\b/g) ?? [])];
}

const isPage = (word: string): boolean => places.has(word) || word === 'decisions' || word === 'behaviours';

function exists(citation: string): boolean {
  if (/^S\d{3}$/.test(citation)) return behaviours.has(citation);
  const [page = '', place] = citation.split(' ');
  if (page === 'decisions') return place === undefined;
  return place === undefined ? places.has(page) : (places.get(page)?.has(place) ?? false);
}

const sources = filesOfRepository().filter(
  (file) => /\.(ts|md|cjs)$/.test(file) && !/^(docs\/spec|tests\/conformance|tests\/habits\/citations)/.test(file),
);

test('every place that is cited exists', () => {
  const missing = sources.flatMap((file) =>
    citationsOf(read(file))
      .filter((citation) => !exists(citation))
      .map((citation) => `${file}: ${citation}`),
  );
  expect(missing).toEqual([]);
});

test('the code cites most of what it does', () => {
  const all = sources.flatMap((file) => citationsOf(read(file)));
  expect(all.length).toBeGreaterThan(250);
});

describe('a citation is found', () => {
  test.each<[text: string, cited: string[]]>([
    ['(spec, usage 3.7)', ['usage 3.7']],
    ['Spec, usage 10: amounts round', ['usage 10']],
    ['(spec, usage 2.3, 2.4; money 0)', ['usage 2.3', 'usage 2.4', 'money 0']],
    ['(spec,\n * subscriptions-and-invoices 4.5)', ['subscriptions-and-invoices 4.5']],
    ['(spec, subscriptions-and-invoices 3.2.5, row by row)', ['subscriptions-and-invoices 3.2.5']],
    ['(spec, subscriptions-and-invoices 5.1 b)', ['subscriptions-and-invoices 5.1']],
    ['(spec, api 1.4 and 7)', ['api 1.4', 'api 7']],
    ['(spec, decisions)', ['decisions']],
    ['as promised (S048)', ['S048']],
  ])('%j', (text, cited) => {
    expect(citationsOf(text)).toEqual(cited);
    expect(cited.filter((citation) => !exists(citation) && citation !== 'S048')).toEqual([]);
  });

  test.each(['(spec, usage 99.1)', '(spec, wallets 1)', '(spec, money 1.99)', 'S999'])('%s is of no place', (text) => {
    expect(citationsOf(text).every(exists)).toBe(false);
  });
});

/**
 * A page of docs/ that a comment sends its reader to, with the section behind the comma: `docs/architecture/acts.md,
 * One lock`.
 */
const SENT_TO = /(docs\/[\w/-]+\.md)(?:, ([A-Z][\w-]*(?: [\w-]+)*))?/g;

function isSection(page: string, section: string | undefined): boolean {
  const path = join(REPOSITORY, page);
  if (!existsSync(path)) return false;
  return (
    section === undefined ||
    [...readFileSync(path, 'utf8').matchAll(/^#+ (.*)$/gm)].some(([, heading]) =>
      heading!.replaceAll('`', '').startsWith(section),
    )
  );
}

const sentNowhere = (text: string): string[] =>
  [...text.replace(/[ \t]*\n\s*(?:\*|\/\/)?[ \t]*/g, ' ').matchAll(SENT_TO)]
    .filter(([, page = '', section]) => !isSection(page, section))
    .map(([sent]) => sent);

test('every page and section of docs that a comment names is there', () => {
  const comments = sources.filter((file) => /\.(ts|cjs)$/.test(file) && !file.startsWith('tests/habits/'));
  expect(comments.flatMap((file) => sentNowhere(read(file)).map((sent) => `${file}: ${sent}`))).toEqual([]);
});

test.each([
  ['(docs/architecture/acts.md, One lock).', []],
  ['(docs/architecture/acts.md,\n * Three guards; spec, behaviours S001)', []],
  ['(docs/architecture.md, One lock).', ['docs/architecture.md, One lock']],
  ['docs/nowhere.md', ['docs/nowhere.md']],
])('the check of pages knows: %s', (text, missing) => {
  expect(sentNowhere(text)).toEqual(missing);
});
