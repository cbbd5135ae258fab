import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { listeningApp, type ListeningApp } from './listening-app.ts';

let app: ListeningApp;
beforeAll(async () => {
  app = await listeningApp();
});
afterAll(() => app.close());

test('the address of the API says to a browser what it is, and every link of the page leads somewhere', async () => {
  const { status, headers, body } = await app.send('', 'GET', '/');
  expect([status, headers.get('Content-Type')]).toEqual([200, 'text/html; charset=utf-8']);
  const links = [...String(body).matchAll(/href="([^"]+)"/g)].map(([, link]) => link ?? '');
  expect(links).toEqual(expect.arrayContaining(['favicon.svg', 'docs', 'openapi.json']));
  const answers = await Promise.all(links.map((link) => app.send('', 'GET', `/${link}`)));
  expect(answers.map((answer) => answer.status)).toEqual(links.map(() => 200));
});

test('the icon that browsers ask for by themselves is there', async () => {
  const { status, headers } = await app.send('', 'GET', '/favicon.ico');
  expect([status, headers.get('Content-Type')]).toEqual([200, 'image/svg+xml; charset=utf-8']);
});
