import { BlockList, isIP } from 'node:net';

/** Networks of an operator's own, to which webhooks may go beside the public internet. */
export interface AllowedNetworks {
  readonly contains: (address: string) => boolean;
}

/**
 * Reads `DURABILL_ALLOW_PRIVATE_WEBHOOKS` (spec, api 4.3: an allow-list by configuration): `true`, `false`, or networks
 * such as `10.0.0.0/8,fd00::/8,192.168.1.5`.
 *
 * @param text undefined: `false`.
 * @throws Error for anything else.
 */
export function readAllowedNetworks(text: string | undefined): AllowedNetworks {
  if (text === undefined || text === 'false') return { contains: () => false };
  if (text === 'true') return { contains: () => true };
  const networks = new BlockList();
  for (const network of text.split(',')) {
    const [, address = '', prefix] = /^([^/]+)(?:\/(\d{1,3}))?$/.exec(network.trim()) ?? [];
    const family = isIP(address);
    const bits = family === 6 ? 128 : 32;
    if (family === 0 || Number(prefix ?? bits) > bits) throw new Error(`"${network}" is not a network`);
    networks.addSubnet(address, Number(prefix ?? bits), family === 6 ? 'ipv6' : 'ipv4');
  }
  return { contains: (address) => networks.check(address, isIP(address) === 6 ? 'ipv6' : 'ipv4') };
}
