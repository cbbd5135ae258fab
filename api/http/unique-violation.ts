import { invalid } from '../../billing/refusal.ts';

/** The unique constraint that an error of PostgreSQL names, along its chain of causes. */
function violatedConstraint(error: unknown): string | undefined {
  for (let current = error, depth = 0; current instanceof Error && depth < 8; current = current.cause, depth++) {
    const { code, constraint } = current as { code?: unknown; constraint?: unknown };
    if (code === '23505' && typeof constraint === 'string') return constraint;
  }
  return undefined;
}

/**
 * Runs a write. When two requests race past the check for a taken value, the loser gets the same answer as if it had
 * come later: 422 `value_already_exist` on the field that the violated constraint stands for.
 *
 * @param fields name of a unique constraint or index -> field of the request.
 */
export async function refusingDuplicates<T>(
  fields: Readonly<Record<string, string>>,
  write: () => Promise<T>,
): Promise<T> {
  try {
    return await write();
  } catch (error) {
    const constraint = violatedConstraint(error);
    const field = constraint === undefined ? undefined : fields[constraint];
    if (field === undefined) throw error;
    throw invalid({ [field]: ['value_already_exist'] });
  }
}
