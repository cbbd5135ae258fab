/**
 * Does the work for every item, `limit` of them at a time, in their order. After an error nothing new is begun, and the
 * promise rejects with the first one when what was begun has ended, so that nothing goes on behind it.
 */
export async function inFlight<T>(limit: number, items: readonly T[], work: (item: T) => Promise<void>): Promise<void> {
  const open = items.values();
  const errors: unknown[] = [];
  const lane = async (): Promise<void> => {
    for (const item of open) {
      try {
        await work(item);
      } catch (error) {
        errors.push(error);
      }
      if (errors.length > 0) return;
    }
  };
  await Promise.all(Array.from({ length: limit }, lane));
  if (errors.length > 0) throw errors[0];
}
