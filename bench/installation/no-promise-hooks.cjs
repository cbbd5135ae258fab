// Preloaded into a worker under test (`--with hooks=off`): the SDK does without promise hooks where V8 gives none, and
// a workflow's stack trace is then empty.
const { promiseHooks } = require('node:v8');
const { isMainThread } = require('node:worker_threads');

if (!isMainThread) {
  promiseHooks.createHook = () => {
    throw new Error('not wanted');
  };
}
