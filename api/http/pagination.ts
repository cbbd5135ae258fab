import { z } from 'zod';

const PER_PAGE_DEFAULT = 100;
const PER_PAGE_MAX = 1000;

/** Beyond this a page is empty for sure, and the offset still fits PostgreSQL's bigint. */
const PAGE_MAX = 1_000_000_000;

const positive = (text: string | undefined, otherwise: number, max: number): number => {
  const value = Number(text);
  return Number.isInteger(value) && value > 0 ? Math.min(value, max) : otherwise;
};

/** `page` and `per_page`; what is not a positive integer counts as not given (spec, api 1.4 and 7). */
export const pageQuery = {
  page: z
    .string()
    .optional()
    .meta({ override: { type: 'integer', minimum: 1 }, description: 'From 1.', examples: [1] }),
  per_page: z
    .string()
    .optional()
    .meta({
      override: { type: 'integer', minimum: 1, maximum: PER_PAGE_MAX },
      description: '100 unless given, 1000 at most.',
      examples: [100],
    }),
};

export interface Page {
  readonly page: number;
  readonly limit: number;
  readonly offset: number;
}

export function pageOf(query: { readonly page?: string | undefined; readonly per_page?: string | undefined }): Page {
  const page = positive(query.page, 1, PAGE_MAX);
  const limit = positive(query.per_page, PER_PAGE_DEFAULT, PER_PAGE_MAX);
  return { page, limit, offset: (page - 1) * limit };
}

export const metaSchema = z
  .object({
    current_page: z.int(),
    next_page: z.int().nullable(),
    prev_page: z.int().nullable(),
    total_pages: z.int(),
    total_count: z.int(),
  })
  .meta({ id: 'PaginationMeta' });

/** Without any result the current page is 0; beyond the end it is the asked one (spec, api 1.4 and 7). */
export function metaOf({ page, limit }: Page, totalCount: number): z.infer<typeof metaSchema> {
  const totalPages = Math.ceil(totalCount / limit);
  return {
    current_page: totalCount === 0 ? 0 : page,
    next_page: page < totalPages ? page + 1 : null,
    prev_page: totalCount > 0 && page > 1 ? page - 1 : null,
    total_pages: totalPages,
    total_count: totalCount,
  };
}
