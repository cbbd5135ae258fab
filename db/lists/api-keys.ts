import { list, type NoFilter } from './list.ts';

/** API keys, newest first. */
export const apiKeyList = list({
  table: 'api_keys',
  order: [
    ['createdAt', 'desc'],
    ['id', 'asc'],
  ],
  conditions: (_filter: NoFilter) => [],
});
