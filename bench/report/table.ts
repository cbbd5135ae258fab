import { isMet, shownValue, type Figure } from './figure.ts';

/** Rows of texts as a table whose columns are as wide as they must be; the first is the head. */
export function textTable(rows: readonly (readonly string[])[]): string {
  const widths = (rows[0] ?? []).map((_, column) => Math.max(...rows.map((row) => (row[column] ?? '').length)));
  const line = (row: readonly string[]): string =>
    row
      .map((text, column) => (column === 0 ? text.padEnd(widths[column]!) : text.padStart(widths[column]!)))
      .join('  ')
      .trimEnd();
  const [head, ...body] = rows.map(line);
  return [head, widths.map((width) => '-'.repeat(width)).join('  '), ...body].join('\n');
}

/** Name, figure, aim, and whether it is met. */
export const figureTable = (figures: readonly Figure[]): string =>
  textTable([
    ['measure', 'figure', 'aim', 'met'],
    ...figures.map((figure) => [
      figure.name,
      shownValue(figure.value, figure.unit),
      shownAim(figure),
      shownMet(figure),
    ]),
  ]);

/** Which process used how much, for figures that are of several. */
export function partsOf({ name, unit, parts = {} }: Figure): string | undefined {
  const told = Object.entries(parts).filter(([, value]) => value > 0);
  if (told.length < 2) return undefined;
  return `${name}: ${told.map(([role, value]) => `${role} ${shownValue(value, unit)}`).join(', ')}`;
}

function shownAim({ aim, unit, better }: Figure): string {
  if (aim === undefined) return '';
  return `${better === 'lower' ? 'at most' : 'at least'} ${shownValue(aim, unit)}`;
}

function shownMet(figure: Figure): string {
  const met = isMet(figure);
  if (met === undefined) return '';
  return met ? 'yes' : 'no';
}
