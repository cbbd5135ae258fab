import { createHmac, createPublicKey, generateKeyPairSync, verify } from 'node:crypto';
import { describe, expect, test } from '@jest/globals';
import { webhookHeaders } from '../../../activities/webhooks/sign-webhook.ts';

const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
const signer = { privateKey, hmacKey: 'the hmac key', issuer: 'https://billing.example.com' };
const body = JSON.stringify({ webhook_type: 'customer.created', customer: { name: 'Zoë "Z" \u{1F600}' } });

const partOf = (token: string, index: number): unknown =>
  JSON.parse(Buffer.from(token.split('.')[index] ?? '', 'base64url').toString()) as unknown;

describe('the signature of a webhook', () => {
  test('by JWT holds the exact body and the issuer, never expires, and verifies with the public key', () => {
    const headers = webhookHeaders(body, 'jwt', 'the-id', signer);
    expect(headers).toMatchObject({
      'Content-Type': 'application/json',
      'X-Lago-Signature-Algorithm': 'jwt',
      'X-Lago-Unique-Key': 'the-id',
    });
    const token = headers['X-Lago-Signature'] ?? '';
    const [header, claims, signature] = token.split('.');
    expect(partOf(token, 0)).toEqual({ alg: 'RS256', typ: 'JWT' });
    expect(partOf(token, 1)).toEqual({ data: body, iss: 'https://billing.example.com' });
    const signed = Buffer.from(`${header}.${claims}`);
    const verified = (text: Buffer) =>
      verify('RSA-SHA256', text, createPublicKey(privateKey), Buffer.from(signature ?? '', 'base64url'));
    expect(verified(signed)).toBe(true);
    expect(verified(Buffer.from(`${header}.${claims}x`))).toBe(false);
  });

  test('by HMAC is strict base64 of SHA-256 over the exact body', () => {
    const headers = webhookHeaders(body, 'hmac', 'the-id', signer);
    expect(headers['X-Lago-Signature-Algorithm']).toBe('hmac');
    expect(headers['X-Lago-Signature']).toBe(createHmac('sha256', 'the hmac key').update(body).digest('base64'));
  });
});
