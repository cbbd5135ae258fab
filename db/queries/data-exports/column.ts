/** A column of an export: its name in the header, and what stands in its cells, in SQL. */
export interface ExportColumn {
  readonly name: string;
  /** Over the aliases of its resource's `from`; null is an empty cell. */
  readonly cell: string;
}

/** A cell of free text: one that a spreadsheet would calculate begins with an apostrophe; a blank one is empty. */
export const freeText = (text: string): string =>
  `case when left(${text}, 1) in ('=', '+', '-', '@') then '''' || ${text} else nullif(${text}, '') end`;

/** `true` or `false`, where COPY writes `t` or `f`. */
export const flag = (condition: string): string => `(${condition})::text`;

/** `2026-01-31`, whatever the session's DateStyle is. */
export const isoDate = (date: string): string => `to_char(${date}, 'YYYY-MM-DD')`;

/** `2026-01-31T10:00:00Z`. */
export const isoInstant = (instant: string): string =>
  `to_char(${instant} at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"')`;

/** A decimal as everywhere on the wire: `12.0`, `0.005` (spec, api 1.5). */
export const plainDecimal = (number: string): string =>
  `trim_scale(${number})::text || case when scale(trim_scale(${number})) = 0 then '.0' else '' end`;
