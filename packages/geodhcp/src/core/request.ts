import type { Ipv4, Mac, Result } from '@softset/base';
import { fail, ok } from '@softset/base';
import { ANY, type DhcpMessage, messageType, TYPE } from './dhcp-message.js';
import { OPTION, optionIp } from './dhcp-options.js';

/** What a client wants, however it said so. */
export type Request =
  | { readonly kind: 'discover' | 'bootp' | 'inform'; readonly message: DhcpMessage }
  /** Fig. 14: the client names an address. `held`: it says that it has it already (renewing or rebinding). */
  | { readonly kind: 'request'; readonly message: DhcpMessage; readonly wanted: Ipv4; readonly held: boolean }
  | { readonly kind: 'rarp'; readonly mac: Mac; readonly asker: Mac };

/** What needs no look-up. */
export type Notice =
  | { readonly kind: 'release'; readonly mac: Mac; readonly ip: Ipv4 }
  | { readonly kind: 'decline'; readonly mac: Mac; readonly ip: Ipv4 };

export type RequestError = 'NOT_A_QUESTION' | 'NO_ADDRESS_NAMED' | 'OTHER_SERVER';

/**
 * The four kinds of DHCPREQUEST (RFC 2131 §4.3.2): selecting names a server, init-reboot an address alone, renewing and
 * rebinding say which address they have. `servers`: ours, on every board that runs geodhcpd: an offer of the one that
 * died is as good as our own. `offered`: what the client was offered last; clients exist (the npm package dhcp 0.2.20)
 * that name neither the address nor the server when they take it.
 */
export function readRequest(
  message: DhcpMessage,
  servers: ReadonlySet<Ipv4>,
  offered?: Ipv4,
): Result<Request | Notice, RequestError> {
  if (message.op !== 'request' || !/^.[02468ace]/.test(message.chaddr) || message.chaddr === '00:00:00:00:00:00')
    return fail('NOT_A_QUESTION', 'an answer, or from no single device');
  const { options, ciaddr, chaddr } = message;
  const server = optionIp(options, OPTION.serverId);
  const named = optionIp(options, OPTION.requestedAddress);
  const other = fail('OTHER_SERVER', `for ${server}`);
  switch (messageType(message)) {
    case undefined:
      return ok({ kind: 'bootp', message });
    case TYPE.discover:
      return ok({ kind: 'discover', message });
    case TYPE.request: {
      if (server !== undefined && !servers.has(server)) return other;
      // A client that has an address says so in the header; some repeat it in the option, which then counts for nothing.
      const held = server === undefined && ciaddr !== ANY;
      const wanted = held ? ciaddr : (named ?? (ciaddr === ANY ? offered : ciaddr));
      if (wanted === undefined) return fail('NO_ADDRESS_NAMED', 'a request for no address');
      return ok({ kind: 'request', message, wanted, held });
    }
    case TYPE.decline:
      if (server !== undefined && !servers.has(server)) return other;
      if (named === undefined) return fail('NO_ADDRESS_NAMED', 'a decline of no address');
      return ok({ kind: 'decline', mac: chaddr, ip: named });
    case TYPE.release:
      if (server !== undefined && !servers.has(server)) return other;
      return ok({ kind: 'release', mac: chaddr, ip: ciaddr });
    case TYPE.inform:
      return ok({ kind: 'inform', message });
    default:
      return fail('NOT_A_QUESTION', 'a message that only servers send');
  }
}

/** The device that asks. */
export function macOf(request: Request): Mac {
  return request.kind === 'rarp' ? request.mac : request.message.chaddr;
}
