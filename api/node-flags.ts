/**
 * With what `node` is started for the API. A request lives for milliseconds: V8 need not let its newest objects fill
 * tens of megabytes before it looks, nor wait until what has survived has doubled. The process then needs half as much
 * memory, for a few per cent more of its CPU.
 */
export const API_NODE_FLAGS = ['--max-semi-space-size=8', '--heap-growing-percent=50'] as const;
