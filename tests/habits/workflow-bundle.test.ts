import { fileURLToPath } from 'node:url';
import { DefaultLogger, bundleWorkflowCode } from '@temporalio/worker';
import { expect, test } from '@jest/globals';

test('the workflows build into a bundle, which Node modules and other rooms would break', async () => {
  const { code } = await bundleWorkflowCode({
    workflowsPath: fileURLToPath(new URL('../../workflows/index.ts', import.meta.url)),
    logger: new DefaultLogger('ERROR'),
  });
  expect(code.length).toBeGreaterThan(0);
});
