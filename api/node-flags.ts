/**
 * With what `node` is started for the API. A request lives for milliseconds: of the 32 MB that V8 lets its newest
 * objects fill (three times over) before it looks, a few are enough, and the process needs 80 MB less.
 */
export const API_NODE_FLAGS = ['--max-semi-space-size=8'] as const;
