// Types only: each module is imported by its own path, so that a small process loads only what it uses.
export type { ArpFrame, ArpOperation, ArpPacket } from './arp.js';
export type { PacketOptions, PacketSocket } from './packet.js';
export type {
  Address,
  AddressName,
  Link,
  Macvlan,
  Neighbour,
  NewAddress,
  Route,
  RouteSpec,
  Rtnetlink,
} from './rtnetlink.js';
export type { RouteEvent, RouteGroup, RouteMonitor } from './rtnetlink-monitor.js';
export type { Datagram, UdpOptions, UdpSocket } from './udp.js';
