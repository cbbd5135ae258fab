// Files in a bucket, over a real S3 server: whole or not at all, in ranges, and gone when they are deleted.
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { StorageUnavailable, writeTo, type FileStore } from '../../../activities/files/file-store.ts';
import { openFileStore } from '../../../activities/files/open-file-store.ts';
import { s3Store } from '../../../activities/files/s3-store.ts';
import { S3_CREDENTIALS, s3Server, type S3Server } from '../../support/servers/s3-server.ts';
import { listeningApp } from '../api/listening-app.ts';
import { exportingOrganization } from './exporting-organization.ts';

let server: S3Server;
let store: FileStore;

beforeAll(async () => {
  Object.assign(process.env, S3_CREDENTIALS);
  server = await s3Server();
  store = openFileStore({ address: `s3://${server.bucket}/billing/files`, endpoint: server.endpoint });
});
afterAll(() => server.close());

const written = (key: string, content: string): Promise<void> =>
  store.write(key, (sink) => writeTo(sink, Buffer.from(content)));

const contentOf = async (key: string): Promise<string> => text(await store.read(key));

test('a file is what was written, and a range of it too', async () => {
  await written('data_exports/a.csv', 'first,second\n1,2\n');
  expect(await contentOf('data_exports/a.csv')).toBe('first,second\n1,2\n');
  expect(await text(await store.read('data_exports/a.csv', { start: 6, end: 11 }))).toBe('second');
  await written('data_exports/a.csv', '');
  expect(await contentOf('data_exports/a.csv')).toBe('');
});

test('a file of many parts is uploaded part by part', async () => {
  const chunk = Buffer.alloc(1024 * 1024, 'x');
  await store.write('data_exports/large.csv', async (sink) => {
    for (let n = 0; n < 20; n++) await writeTo(sink, chunk);
  });
  expect(await contentOf('data_exports/large.csv')).toHaveLength(20 * 1024 * 1024);
});

test('what breaks off leaves nothing', async () => {
  const half = store.write('data_exports/half.csv', async (sink) => {
    await writeTo(sink, Buffer.from('half of it'));
    throw new Error('the database went away');
  });
  await expect(half).rejects.toThrow('the database went away');
  await expect(store.read('data_exports/half.csv')).rejects.toThrow(StorageUnavailable);
});

test('deleting by the beginning of the key keeps what is to be kept, and others', async () => {
  for (const key of ['data_exports/b/1', 'data_exports/b/2', 'data_exports/b.csv', 'data_exports/c.csv'])
    await written(key, key);
  await store.deleteAll('data_exports/b', 'data_exports/b.csv');
  expect(await contentOf('data_exports/b.csv')).toBe('data_exports/b.csv');
  await expect(store.read('data_exports/b/1')).rejects.toThrow(StorageUnavailable);
  await store.deleteAll('data_exports/b');
  await expect(store.read('data_exports/b.csv')).rejects.toThrow(StorageUnavailable);
  expect(await contentOf('data_exports/c.csv')).toBe('data_exports/c.csv');
});

test('a server that is away, or a bucket that is not there, is unavailable and says why', async () => {
  const away = openFileStore({ address: `s3://${server.bucket}`, endpoint: 'http://127.0.0.1:1' });
  const none = openFileStore({ address: 's3://no-such-bucket', endpoint: server.endpoint });
  for (const broken of [away, none]) {
    const trying = broken.write('a', (sink) => writeTo(sink, Buffer.from('a')));
    await expect(trying).rejects.toThrow(StorageUnavailable);
  }
  await expect(none.read('a')).rejects.toThrow('bucket');
});

test('a large file that is refused while it is written is unavailable, and whoever writes it is told', async () => {
  const none = openFileStore({ address: 's3://no-such-bucket', endpoint: server.endpoint });
  const chunk = Buffer.alloc(1024 * 1024, 'x');
  let told: unknown;
  const trying = none.write('large', async (sink) => {
    try {
      for (let n = 0; n < 100; n++) await writeTo(sink, chunk);
    } catch (error) {
      told = error;
      throw error;
    }
  });
  await expect(trying).rejects.toThrow(StorageUnavailable);
  expect(told).toBeDefined();
});

test('a server that takes a connection and never answers is unavailable', async () => {
  const silent = createServer(() => undefined);
  await new Promise<void>((listening) => void silent.listen(0, '127.0.0.1', listening));
  try {
    const endpoint = `http://127.0.0.1:${(silent.address() as AddressInfo).port}`;
    const silentStore = s3Store({ name: 'exports', prefix: '', endpoint, answerWithinMs: 100 });
    const trying = silentStore.write('a', (sink) => writeTo(sink, Buffer.from('a')));
    await expect(trying).rejects.toThrow(StorageUnavailable);
    await expect(silentStore.read('a')).rejects.toThrow(StorageUnavailable);
  } finally {
    silent.closeAllConnections();
    silent.close();
  }
});

test('an export is made in a bucket as in a folder', async () => {
  const app = await listeningApp({ files: store });
  try {
    const organization = await exportingOrganization(app, {}, { files: store });
    const id = await organization.exported({ resource_type: 'invoices' });
    expect(await organization.downloaded(id)).toMatch(/^lago_id,/);
  } finally {
    await app.close();
  }
});
