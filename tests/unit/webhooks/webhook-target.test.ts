import { describe, expect, test } from '@jest/globals';
import { readAllowedNetworks } from '../../../activities/webhooks/allowed-networks.ts';
import { isRefusedForGood } from '../../../activities/webhooks/webhook-target.ts';

describe('the URL of an endpoint', () => {
  test.each([
    ['https://127.0.0.1/', undefined, true],
    ['https://0x7f.1/', undefined, true],
    ['https://169.254.169.254/latest', undefined, true],
    ['https://[fd00::1]:8443/', undefined, true],
    ['https://[::ffff:127.0.0.1]/', undefined, true],
    ['http://93.184.216.34/', undefined, true],
    ['https://93.184.216.34/', undefined, false],
    ['https://[2606:2800:220:1::1]/', undefined, false],
    ['https://localhost/', undefined, false],
    ['http://hooks.example.com/', undefined, false],
    ['http://127.0.0.1:9/', 'true', false],
    ['http://10.1.2.3/', '10.0.0.0/8', false],
    ['http://11.1.2.3/', '10.0.0.0/8', true],
    ['https://[fd00::1]/', '10.0.0.0/8,fd00::/8', false],
  ])('%s with %s allowed is refused for good: %p', (url, allowed, refused) => {
    expect(isRefusedForGood(url, readAllowedNetworks(allowed))).toBe(refused);
  });
});
