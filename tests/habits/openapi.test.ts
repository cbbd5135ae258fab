import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { createConfig, lintFromString } from '@redocly/openapi-core';
import { describe, expect, test } from '@jest/globals';
import { adminPaths } from '../../api/admin/routes.ts';
import { openApiDocument } from '../../api/document/openapi.ts';
import { routes } from '../../api/routes.ts';
import { unbuiltRoutes } from '../../api/document/unbuilt-routes.ts';
import { REPOSITORY } from '../support/repository.ts';

const file = readFileSync(join(REPOSITORY, 'docs/openapi.json'), 'utf8');

interface Operation {
  readonly operationId: string;
  readonly tags: readonly string[];
  readonly 'x-durabill-status'?: string;
}

const document = JSON.parse(file) as {
  readonly info: { readonly version: string };
  readonly tags: readonly { readonly name: string }[];
  readonly paths: Readonly<Record<string, Readonly<Record<string, Operation>>>>;
};

const operations = Object.values(document.paths).flatMap((methods) => Object.values(methods));

describe('docs/openapi.json', () => {
  test('is the document that the API serves', () => {
    // `npm run openapi` writes it anew.
    expect(file).toBe(`${JSON.stringify(openApiDocument(routes, unbuiltRoutes, adminPaths), null, 2)}\n`);
  });

  test('is of the version in package.json', () => {
    const { version } = JSON.parse(readFileSync(join(REPOSITORY, 'package.json'), 'utf8')) as { version: string };
    expect(document.info.version).toBe(version);
  });

  test('has nothing that the recommended rules of redocly find', async () => {
    const config = await createConfig({ extends: ['recommended'] });
    const problems = await lintFromString({ source: file, config });
    expect(problems.map(({ ruleId, message }) => `${ruleId}: ${message}`)).toEqual([]);
  });

  test('names each operation once, in the words of its path', () => {
    const ids = operations.map(({ operationId }) => operationId);
    expect(ids.filter((id, at) => ids.indexOf(id) !== at || !/^[a-z][A-Za-z]+$/.test(id))).toEqual([]);
    expect(ids).toEqual(
      expect.arrayContaining([
        'createPlan',
        'listCustomerInvoices',
        'finalizeInvoice',
        'getCustomerCurrentUsage',
        'deletePlanMetadataKey',
        'retryInvoicePayment',
      ]),
    );
  });

  test('begins with what somebody needs who starts, and ends with what is not there yet', () => {
    const order = [...new Set(operations.flatMap(({ tags }) => tags))];
    expect(order.slice(0, 11)).toEqual([
      'Billable metrics',
      'Plans',
      'Add-ons',
      'Taxes',
      'Coupons',
      'Customers',
      'Applied coupons',
      'Subscriptions',
      'Events',
      'Usage',
      'Invoices',
    ]);
    expect(document.tags.map(({ name }) => name).toSorted()).toEqual(order.toSorted());
    const unavailable = operations.filter((operation) => operation['x-durabill-status'] === 'unavailable');
    expect(unavailable).toHaveLength(unbuiltRoutes.length);
    expect(new Set(unavailable.flatMap(({ tags }) => tags))).toEqual(new Set(['Not available yet']));
  });
});
