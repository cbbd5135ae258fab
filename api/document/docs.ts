import { createRequire } from 'node:module';
import { dirname } from 'node:path';
import express, { type Router } from 'express';

const assets = dirname(createRequire(import.meta.url).resolve('swagger-ui-dist/package.json'));

const page = `<!doctype html>
<html lang="en">
  <head>
    <meta charset="utf-8" />
    <title>durabill API</title>
    <link rel="stylesheet" href="docs/swagger-ui.css" />
  </head>
  <body>
    <div id="api"></div>
    <script src="docs/swagger-ui-bundle.js"></script>
    <script>
      SwaggerUIBundle({ url: 'openapi.json', dom_id: '#api', deepLinking: true });
    </script>
  </body>
</html>
`;

/** The page that shows the OpenAPI document. Everything on it is served from here: it works offline. */
export function docsRouter(): Router {
  const router = express.Router({ caseSensitive: true, strict: true });
  router.get('/', (_request, response) => void response.type('html').send(page));
  router.use(express.static(assets, { index: false, redirect: false }));
  return router;
}
