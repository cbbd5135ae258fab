import { Router } from 'express';
import { otherMethods } from '../http/other-methods.ts';
import { version } from '../../telemetry/version.ts';

/** A sheet of paper with a sum under its lines. */
const ICON = `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 16 16">
  <path d="M3 1h10v14l-2.5-1.6L8 15l-2.5-1.6L3 15z" fill="#2f5d50"/>
  <path d="M5 4.5h6M5 7h6M8.5 10h2.5" stroke="#fff" stroke-width="1.2" stroke-linecap="round"/>
</svg>
`;

const page = `<!doctype html>
<html lang="en">
  <head>
    <meta charset="utf-8" />
    <meta name="viewport" content="width=device-width, initial-scale=1" />
    <title>durabill</title>
    <link rel="icon" href="favicon.svg" />
    <style>
      body { font: 1rem/1.5 system-ui, sans-serif; max-width: 40rem; margin: 4rem auto; padding: 0 1rem; }
      code { background: #8882; padding: 0.1em 0.3em; }
    </style>
  </head>
  <body>
    <h1>durabill ${version}</h1>
    <p>A usage-based billing engine. Every billing act is a durable workflow: never lost, never done twice.</p>
    <ul>
      <li><a href="docs">API reference</a>, from <a href="openapi.json">openapi.json</a>;
        the API itself is at <code>api/v1</code></li>
      <li><a href="ready">Whether it is ready</a>, <a href="health">whether it is well</a></li>
    </ul>
    <p>Requests need an API key: <code>Authorization: Bearer &lt;key&gt;</code>. <code>npm start</code> prints one;
    more are made by <code>POST api/v1/api_keys</code>.</p>
  </body>
</html>
`;

/** What a person sees who opens the address of the API in a browser. */
export function welcomeRouter(): Router {
  const router = Router({ caseSensitive: true, strict: true });
  router.get('/', (_request, response) => void response.type('html').send(page));
  router.get(['/favicon.svg', '/favicon.ico'], (_request, response) => void response.type('svg').send(ICON));
  router.all(['/', '/favicon.svg', '/favicon.ico'], otherMethods(['get']));
  return router;
}
