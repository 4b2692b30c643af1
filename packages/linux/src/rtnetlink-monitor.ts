import { ok, type Result } from '@softset/base';
import { EAGAIN } from './errno.js';
import { type NetlinkMessage, NLMSG_OVERRUN } from './netlink-message.js';
import { NETLINK_ROUTE, type NetlinkListener, openNetlinkListener } from './netlink-socket.js';
import { type Address, decodeAddress, RTM_DELADDR } from './rtnetlink-address.js';
import { decodeLink, type Link, RTM_DELLINK } from './rtnetlink-link.js';
import { decodeRoute, type Route, RTM_DELROUTE } from './rtnetlink-route.js';

/** RTNLGRP_*, <linux/rtnetlink.h>. */
const groupNumbers = {
  link: 1,
  'ipv4-address': 5,
  'ipv4-route': 7,
  'ipv6-address': 9,
  'ipv6-route': 11,
} as const;
export type RouteGroup = keyof typeof groupNumbers;

export type RouteEvent =
  | { readonly kind: 'link'; readonly deleted: boolean; readonly link: Link }
  | { readonly kind: 'address'; readonly deleted: boolean; readonly address: Address }
  | { readonly kind: 'route'; readonly deleted: boolean; readonly route: Route }
  /** Notifications were lost (ENOBUFS): what is known of the kernel's state is to be read anew. */
  | { readonly kind: 'overrun' };

/** One turn reads at most this many datagrams, so that a flood of changes does not hold up a beat. */
const READS_MAX = 256;

export class RouteMonitor {
  readonly fd: number;
  readonly #listener: NetlinkListener;

  constructor(listener: NetlinkListener) {
    this.fd = listener.fd;
    this.#listener = listener;
  }

  /** What has changed since the last call, in order. The kernel tells a change of carrier within a millisecond. */
  read(): RouteEvent[] {
    const events: RouteEvent[] = [];
    for (let reads = 0; reads < READS_MAX; reads++) {
      const messages = this.#listener.receive();
      if (messages === EAGAIN) break;
      // ENOBUFS: nobody read for too long. Any other errno means a broken socket, and what it would tell is lost too.
      if (typeof messages === 'number') return [...events, { kind: 'overrun' }];
      for (const message of messages) events.push(...eventOf(message));
    }
    return events;
  }

  close(): void {
    this.#listener.close();
  }
}

/** Pure. At most one event; none for what is of no interest or cut. */
export function eventOf(message: NetlinkMessage): RouteEvent[] {
  if (message.type === NLMSG_OVERRUN) return [{ kind: 'overrun' }];
  const link = decodeLink(message);
  if (link !== undefined) return [{ kind: 'link', deleted: message.type === RTM_DELLINK, link }];
  const address = decodeAddress(message);
  if (address !== undefined) return [{ kind: 'address', deleted: message.type === RTM_DELADDR, address }];
  const route = decodeRoute(message);
  if (route !== undefined) return [{ kind: 'route', deleted: message.type === RTM_DELROUTE, route }];
  return [];
}

/** Listens from now on: to know the state before, list it after this returned, and before the first `read`. */
export function openRouteMonitor(groups: readonly RouteGroup[]): Result<RouteMonitor> {
  const opened = openNetlinkListener(
    NETLINK_ROUTE,
    groups.map((group) => groupNumbers[group]),
  );
  return opened.ok ? ok(new RouteMonitor(opened.value)) : opened;
}
