// node generate.ts <document> <output>: types of an OpenAPI document, by openapi-typescript. It is written for
// TypeScript 5, whose API the version that checks our code does not have: whoever asks for `typescript` here gets the
// older one.
import { readFileSync, writeFileSync } from 'node:fs';
import { registerHooks } from 'node:module';

registerHooks({
  resolve: (specifier, context, next) => next(specifier === 'typescript' ? 'typescript-5' : specifier, context),
});

const { default: openapiTypescript, astToString } = await import('openapi-typescript');
const [, , document = '', output = ''] = process.argv;
const ast = await openapiTypescript(readFileSync(document, 'utf8'));
writeFileSync(output, astToString(ast));
