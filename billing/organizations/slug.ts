import { textOrNull } from './party-fields.ts';

/** A slug as it is stored, in lower case; a blank one is none (spec, api 3.1). */
export const slugOf = (slug: string | null): string | null => textOrNull(slug)?.trim().toLowerCase() ?? null;
