import { isIP } from 'node:net';
import { invalid } from '../../billing/refusal.ts';
import type { AllowedNetworks } from './allowed-networks.ts';
import { isPublicAddress } from './public-address.ts';

export const HTTPS_ONLY = 'only https URLs are allowed';

/**
 * Why no webhook is sent to a host with these addresses; undefined: one may be (spec, api 4.3). It names no address,
 * which would tell a stranger what our name server knows.
 */
export function whyRefused(
  protocol: string,
  addresses: readonly string[],
  allowed: AllowedNetworks,
): string | undefined {
  const unlisted = addresses.filter((address) => !allowed.contains(address));
  if (protocol === 'http:' && unlisted.length > 0) return HTTPS_ONLY;
  return unlisted.every(isPublicAddress) ? undefined : 'the host has a private, loopback or reserved address';
}

/** The host of a URL without the brackets of an IPv6 address. */
export const hostOf = ({ hostname }: URL): string => hostname.replace(/^\[|\]$/g, '');

/**
 * Whether every try would be refused, because the URL's host is an address and not a name, which may lead elsewhere
 * later.
 */
export function isRefusedForGood(url: string, allowed: AllowedNetworks): boolean {
  const target = new URL(url);
  const host = hostOf(target);
  return isIP(host) !== 0 && whyRefused(target.protocol, [host], allowed) !== undefined;
}

/**
 * For the URL of an endpoint. An address stays what it is; where a name leads is looked up at each delivery.
 *
 * @throws Refusal 422 `webhook_url: url_is_invalid` for an address to which no webhook is sent.
 */
export function refuseUnreachable(url: string, allowed: AllowedNetworks): void {
  if (isRefusedForGood(url, allowed)) throw invalid({ webhook_url: ['url_is_invalid'] });
}
