// npm run openapi: writes the OpenAPI document that a running API serves at /openapi.json as a file of the repository.
import { writeFileSync } from 'node:fs';
import { adminPaths } from '../api/admin/routes.ts';
import { openApiDocument } from '../api/document/openapi.ts';
import { routes } from '../api/routes.ts';
import { unbuiltRoutes } from '../api/document/unbuilt-routes.ts';

const document = openApiDocument(routes, unbuiltRoutes, adminPaths);
writeFileSync(new URL('../docs/openapi.json', import.meta.url), `${JSON.stringify(document, null, 2)}\n`);
