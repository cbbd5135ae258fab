import { statSync } from 'node:fs';
import { expect, test } from '@jest/globals';
import { workflowBundleFile } from '../support/workflow-bundle-file.ts';

test('the workflows build into a bundle, which Node modules and other rooms would break', async () => {
  expect(statSync(await workflowBundleFile()).size).toBeGreaterThan(0);
});
