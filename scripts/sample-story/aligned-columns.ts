/** A row of cells, or a rule across all columns. */
export type TableLine = readonly string[] | 'rule';

const GAP = '  ';
const RULE = '─';

/**
 * Lays cells out in columns as wide as their widest cell: the first ones to the left, the others, which hold numbers,
 * to the right. A character is taken to be one UTF-16 unit, which holds for names of American places.
 *
 * @param textColumns how many stand to the left.
 * @returns a text line for each line, without spaces at its end.
 */
export function alignedColumns(lines: readonly TableLine[], textColumns: number): readonly string[] {
  const rows = lines.filter((line) => line !== 'rule');
  const widths = (rows[0] ?? []).map((_, column) => Math.max(...rows.map((row) => (row[column] ?? '').length)));
  const total = widths.reduce((sum, width) => sum + width, 0) + GAP.length * Math.max(widths.length - 1, 0);
  return lines.map((line) => {
    if (line === 'rule') return RULE.repeat(total);
    const cells = widths.map((width, column) => {
      const cell = line[column] ?? '';
      const space = ' '.repeat(width - cell.length);
      return column < textColumns ? cell + space : space + cell;
    });
    return cells.join(GAP).trimEnd();
  });
}
