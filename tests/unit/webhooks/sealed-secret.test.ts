import { describe, expect, test } from '@jest/globals';
import { WrongSecretKey, makeSecretSeal } from '../../../db/sealed-secret.ts';

const seal = makeSecretSeal('the key of the installation, long enough');

describe('a sealed secret', () => {
  test('opens to what it was, whatever it was', () => {
    for (const secret of ['', 'hmac', 'ü\n€ \u{1F600}', 'x'.repeat(10_000)]) {
      expect(seal.open(seal.seal(secret, 'here'), 'here')).toBe(secret);
    }
  });

  test('is another one each time, and says nothing', () => {
    const [one, other] = [seal.seal('the secret', 'here'), seal.seal('the secret', 'here')];
    expect(one).not.toBe(other);
    expect(one).toMatch(/^v1\.[\w-]{16}\.[\w-]{22}\.[\w-]+$/);
    expect(Buffer.from(one.split('.')[3] ?? '', 'base64url').toString()).not.toContain('secret');
  });

  test('does not open with another key, in another place, or when it was changed', () => {
    const sealed = seal.seal('the secret', 'here');
    const [version, nonce, tag, text = ''] = sealed.split('.');
    const changed = [version, nonce, tag, `${text.startsWith('A') ? 'B' : 'A'}${text.slice(1)}`].join('.');
    expect(() => makeSecretSeal('another key of an installation').open(sealed, 'here')).toThrow(WrongSecretKey);
    expect(() => seal.open(sealed, 'there')).toThrow(WrongSecretKey);
    expect(() => seal.open(changed, 'here')).toThrow(WrongSecretKey);
    expect(() => seal.open('v1', 'here')).toThrow(WrongSecretKey);
  });

  test('of a form to come is told apart from a wrong key', () => {
    expect(() => seal.open(seal.seal('x', 'here').replace('v1', 'v2'), 'here')).toThrow('v2');
  });

  test('with a wrong key says what to do, in one sentence', () => {
    expect(new WrongSecretKey().message).toMatch(/^DURABILL_SECRET_KEY is not .* set the one of the first start.*\.$/);
  });
});
