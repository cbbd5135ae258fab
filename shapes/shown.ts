/**
 * What is shown of a row: some of its fields, and its id. A preview shows something of the same shape that nobody has
 * stored, whose id is null.
 */
export type Shown<Row extends { id: string }, Field extends keyof Row, Id extends string | null = string> = Readonly<
  Pick<Row, Exclude<Field, 'id'>>
> & { readonly id: Id };
