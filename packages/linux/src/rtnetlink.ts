import { type Ip, ok, type Result } from '@softset/base';
import { NLM_F_CREATE, NLM_F_EXCL, NLM_F_REPLACE } from './netlink-message.js';
import { NETLINK_ROUTE, type NetlinkRequests, openNetlinkRequests } from './netlink-socket.js';
import * as address from './rtnetlink-address.js';
import * as link from './rtnetlink-link.js';
import * as neighbour from './rtnetlink-neighbour.js';
import * as route from './rtnetlink-route.js';
import { interfaceIndex } from './socket.js';

export type { Address, AddressName, NewAddress } from './rtnetlink-address.js';
export type { Link, Macvlan, MacvlanMode } from './rtnetlink-link.js';
export type { Neighbour, NeighbourState } from './rtnetlink-neighbour.js';
export type { Route, RouteSpec } from './rtnetlink-route.js';

/**
 * Devices, addresses, routes and neighbours of this network namespace (rtnetlink(7)). Each call is a request that the
 * kernel has done, or refused, when the call returns; about 20 µs. Changes need CAP_NET_ADMIN. Errors are errno's names
 * with the kernel's own words where it gives them: `ENODEV` (no such device), `EPERM`, `EEXIST`, `EADDRNOTAVAIL` (no such
 * address to delete), `ESRCH` (no such route), `ENETUNREACH` (the gateway is on no link of ours), `EINVAL`,
 * `ADDRESS_INVALID` (not an address at all).
 */
export class Rtnetlink {
  readonly #requests: NetlinkRequests;

  constructor(requests: NetlinkRequests) {
    this.#requests = requests;
  }

  links(): Result<link.Link[]> {
    return this.#requests.dump('list links', link.RTM_GETLINK, link.linkHeader(), link.decodeLink);
  }

  addresses(): Result<address.Address[]> {
    return this.#requests.dump('list addresses', address.RTM_GETADDR, new Uint8Array(8), address.decodeAddress);
  }

  /** Of all tables and both families, the kernel's own local and multicast routes included. */
  routes(): Result<route.Route[]> {
    return this.#requests.dump('list routes', route.RTM_GETROUTE, new Uint8Array(12), route.decodeRoute);
  }

  neighbours(): Result<neighbour.Neighbour[]> {
    return this.#requests.dump(
      'list neighbours',
      neighbour.RTM_GETNEIGH,
      new Uint8Array(12),
      neighbour.decodeNeighbour,
    );
  }

  addAddress(wanted: address.NewAddress): Result<void> {
    const flags = NLM_F_CREATE | (wanted.replace === true ? NLM_F_REPLACE : NLM_F_EXCL);
    const what = `add address ${wanted.ip}/${wanted.prefixLength} to ${wanted.device}`;
    return this.#onDevice(what, wanted.device, address.RTM_NEWADDR, flags, (index) =>
      address.addressParts(wanted, index),
    );
  }

  deleteAddress(name: address.AddressName): Result<void> {
    const what = `delete address ${name.ip}/${name.prefixLength} from ${name.device}`;
    return this.#onDevice(what, name.device, address.RTM_DELADDR, 0, (index) =>
      address.addressParts({ device: name.device, ip: name.ip, prefixLength: name.prefixLength }, index),
    );
  }

  /** Adds the route, or puts it in the place of the one with the same destination, table and metric. */
  replaceRoute(wanted: route.RouteSpec): Result<void> {
    return this.#route('replace', wanted, route.RTM_NEWROUTE, NLM_F_CREATE | NLM_F_REPLACE);
  }

  /** Deletes the first route that has all that is given. */
  deleteRoute(wanted: route.RouteSpec): Result<void> {
    return this.#route('delete', wanted, route.RTM_DELROUTE, 0);
  }

  #route(act: 'replace' | 'delete', wanted: route.RouteSpec, type: number, flags: number): Result<void> {
    const by = `${wanted.via === undefined ? '' : ` via ${wanted.via}`}${wanted.device === undefined ? '' : ` by ${wanted.device}`}`;
    const what = `${act} route to ${wanted.destination}${by}`;
    const parts = (index?: number): Result<Uint8Array[]> => route.routeParts(wanted, index, act);
    if (wanted.device !== undefined) return this.#onDevice(what, wanted.device, type, flags, parts);
    const made = parts();
    return made.ok ? this.#requests.request(what, type, flags, ...made.value) : made;
  }

  /** Forgets what was learned about `ip`: the next packet to it asks again. */
  deleteNeighbour(name: { readonly device: string; readonly ip: Ip }): Result<void> {
    const what = `delete neighbour ${name.ip} on ${name.device}`;
    return this.#onDevice(what, name.device, neighbour.RTM_DELNEIGH, 0, (index) =>
      neighbour.neighbourParts(name.ip, index),
    );
  }

  setLinkUp(device: string, up: boolean): Result<void> {
    return this.#onDevice(`set ${device} ${up ? 'up' : 'down'}`, device, link.RTM_NEWLINK, 0, (index) =>
      ok([link.linkUpHeader(index, up)]),
    );
  }

  /** Made down: what belongs on it can be set before a packet passes. */
  addMacvlan(macvlan: link.Macvlan): Result<void> {
    const what = `add macvlan ${macvlan.name} above ${macvlan.parent}`;
    return this.#onDevice(what, macvlan.parent, link.RTM_NEWLINK, NLM_F_CREATE | NLM_F_EXCL, (parent) =>
      link.macvlanParts(macvlan, parent),
    );
  }

  deleteLink(device: string): Result<void> {
    return this.#onDevice(`delete link ${device}`, device, link.RTM_DELLINK, 0, (index) =>
      ok([link.linkHeader(index)]),
    );
  }

  #onDevice(
    what: string,
    device: string,
    type: number,
    flags: number,
    parts: (index: number) => Result<Uint8Array[]>,
  ): Result<void> {
    const index = interfaceIndex(device);
    if (!index.ok) return index;
    const made = parts(index.value);
    return made.ok ? this.#requests.request(what, type, flags, ...made.value) : made;
  }

  close(): void {
    this.#requests.close();
  }
}

export function openRtnetlink(): Result<Rtnetlink> {
  const opened = openNetlinkRequests(NETLINK_ROUTE);
  return opened.ok ? ok(new Rtnetlink(opened.value)) : opened;
}
