/** Of few rows that have been read whole, a page: the newest first, those of one moment by their ids. */
export const pageOfRows = <Row extends { readonly id: string; readonly createdAt: Date }>(
  rows: readonly Row[],
  { offset, limit }: { readonly offset: number; readonly limit: number },
): readonly Row[] => rows.toSorted(newestFirst).slice(offset, offset + limit);

function newestFirst(one: { id: string; createdAt: Date }, other: { id: string; createdAt: Date }): number {
  const later = other.createdAt.getTime() - one.createdAt.getTime();
  return later === 0 ? (one.id < other.id ? -1 : 1) : later;
}
