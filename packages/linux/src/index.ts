// Types only: each module is imported by its own path, so that a small process loads only what it uses.
export type { ArpFrame, ArpOperation, ArpPacket } from './arp.js';
export type { FileLock } from './file-lock.js';
export type { Advertisement, NdpPacket, Solicitation } from './ndp.js';
export type { Nft, NftError } from './nft.js';
export type { NftChange, NftEvent, NftMonitor } from './nft-monitor.js';
export type { PacketOptions, PacketSocket } from './packet.js';
export type { PeerCredentials } from './peer-credentials.js';
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
export type { SchedulingPolicy } from './scheduling.js';
export type { ProcessName } from './signal.js';
export type { Datagram, UdpOptions, UdpSocket } from './udp.js';
export type { Notification, NotifyServer } from './unix-dgram.js';
export type { Accepted, UnixListener } from './unix-stream.js';
