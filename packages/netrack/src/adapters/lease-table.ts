import { fail, isIpv6, ok, parseIpv6, type Result } from '@softset/base';
import { type Nft, openNft } from '@softset/linux/nft.js';
import { type NftEvent, type NftMonitor, openNftMonitor } from '@softset/linux/nft-monitor.js';
import { openRtnetlink, type Rtnetlink } from '@softset/linux/rtnetlink.js';
import { NETWORKS, type Network, type Service } from '@softset/protocol';
import type { Lease } from '../core/pulse/types.js';
import { MacDevices } from './mac-devices.js';

/** Least kernel lifetime of a public address, s: so that a flushed ruleset does not leave it open (L7). */
const VALID_SECONDS = 1;
/** The address outlives its element by this at least, ms: it is renewed with the first renewal that finds less. */
const ADDRESS_SPARE_MS = 250;
/** For rehearsals: addresses for documentation (RFC 5737, RFC 3849) in our sets, and one that never leaves the host. */
const STAND_IN = { v4: '192.0.2.', v6: '2001:db8::', device: 'lo', local: '127.255.255.253' };
/** A call that took longer than this, ms, has added an element that ends too late (L4). */
const LATE_MS = 10;

const TABLE = 'netdev softset';
const TARGET = '@th,64,128';

/**
 * The lease in the kernel (L3, L4, L7): public addresses, and MACs that move with them, pass, in and out, on every private
 * device, only while an element with a timeout stands in a set. No program of ours needs to run for a board to fall silent.
 */
export class LeaseTable {
  readonly fd: number;
  readonly #nft: Nft;
  readonly #rtnetlink: Rtnetlink;
  readonly #monitor: NftMonitor;
  readonly #devices: Readonly<Record<Network, string>>;
  readonly #macDevices: MacDevices;
  readonly #services: ReadonlyMap<string, Leased>;
  readonly #standIns: readonly string[];
  /** When the kernel takes each service's addresses away. */
  readonly #addressEndsMs = new Map<string, number>();
  readonly #nowMs: () => number;
  /** Our own process id as nf_tables tells it: the outermost namespace's, which process.pid may not be. */
  #ownPid: number | undefined;

  private constructor(
    parts: { nft: Nft; rtnetlink: Rtnetlink; monitor: NftMonitor },
    devices: Readonly<Record<Network, string>>,
    services: readonly Leased[],
    nowMs: () => number,
  ) {
    this.#nft = parts.nft;
    this.#rtnetlink = parts.rtnetlink;
    this.#monitor = parts.monitor;
    this.fd = parts.monitor.fd;
    this.#devices = devices;
    this.#macDevices = new MacDevices(parts.rtnetlink, devices);
    this.#services = new Map(services.map((service) => [service.name, service]));
    this.#standIns = standIns(services.flatMap(({ addresses }) => addresses.map(({ ip }) => ip)));
    this.#nowMs = nowMs;
  }

  static open(
    devices: Readonly<Record<Network, string>>,
    services: readonly Leased[],
    nowMs: () => number,
    mayHold: (service: string) => boolean = () => true,
  ): Result<LeaseTable> {
    const nft = openNft();
    if (!nft.ok) return nft;
    const rtnetlink = openRtnetlink();
    if (!rtnetlink.ok) return rtnetlink;
    const monitor = openNftMonitor();
    if (!monitor.ok) return monitor;
    const table = new LeaseTable(
      { nft: nft.value, rtnetlink: rtnetlink.value, monitor: monitor.value },
      devices,
      services,
      nowMs,
    );
    const installed = table.install();
    if (!installed.ok) return installed;
    const prepared = table.#macDevices.prepare(services.filter(({ name }) => mayHold(name)));
    return prepared.ok ? ok(table) : prepared;
  }

  /** Puts sets, chains and rules in place, whatever was there; standing elements stay. One transaction. */
  install(): Result<void> {
    const addresses = [...this.#services.values()].flatMap((service) => service.addresses.map(({ ip }) => ip));
    const set = (name: string, type: string | undefined, flags: string, elements: readonly string[]): string =>
      `add set ${TABLE} ${name} { ${type === undefined ? `typeof ${TARGET}` : `type ${type}`}; ${flags} }\n${
        elements.length > 0 ? `add element ${TABLE} ${name} { ${elements.join(', ')} }\n` : ''
      }`;
    const v4 = addresses.filter((ip) => !isIpv6(ip));
    const v6 = addresses.filter((ip) => isIpv6(ip));
    const macs = [...this.#services.values()].flatMap(({ mac }) => mac ?? []);
    const strange = (field: string): string[] =>
      macs.length === 0 ? [] : [`ether ${field} @moved ether ${field} != @lease-mac`];
    // nft 1.0.6 has no word for the target of neighbour discovery: bits 64 to 191 of it (RFC 4861 §4.3, §4.4).
    // In, what asks for an address that is not ours; out, what says that it is ours: the other directions are this board's
    // own way to whoever holds it.
    const neighbour = (type: 'solicit' | 'advert'): string =>
      `icmpv6 type nd-neighbor-${type} ${TARGET} @target6 ${TARGET} != @leased-target6`;
    const chains = Object.values(this.#devices).map((device) => {
      const chain = (hook: 'ingress' | 'egress', rules: readonly string[]): string => {
        const name = `${hook}_${device.replaceAll(/[^a-zA-Z0-9]/g, '_')}`;
        const head = `add chain ${TABLE} ${name} { type filter hook ${hook} device "${device}" priority -500; policy accept; }`;
        return [
          head,
          `flush chain ${TABLE} ${name}`,
          ...rules.map((rule) => `add rule ${TABLE} ${name} ${rule} counter drop`),
        ].join('\n');
      };
      const unleased = (field: string, version: 4 | 6): string =>
        `${field} @public${version} ${field} != @lease${version}`;
      return [
        chain('ingress', [
          unleased('ip daddr', 4),
          unleased('arp daddr ip', 4),
          unleased('ip6 daddr', 6),
          neighbour('solicit'),
          ...strange('daddr'),
        ]),
        chain('egress', [
          unleased('ip saddr', 4),
          unleased('arp saddr ip', 4),
          unleased('ip6 saddr', 6),
          neighbour('advert'),
          ...strange('saddr'),
        ]),
      ].join('\n');
    });
    const done = this.#nft.run(
      [
        `add table ${TABLE}`,
        set('public4', 'ipv4_addr', '', v4),
        set('lease4', 'ipv4_addr', 'flags timeout;', []),
        set('public6', 'ipv6_addr', '', v6),
        set('lease6', 'ipv6_addr', 'flags timeout;', []),
        set('target6', undefined, '', v6.map(asNumber)),
        set('leased-target6', undefined, 'flags timeout;', []),
        ...(macs.length === 0
          ? []
          : [set('moved', 'ether_addr', '', macs), set('lease-mac', 'ether_addr', 'flags timeout;', [])]),
        ...chains,
      ].join('\n'),
    );
    if (!done.ok) return done;
    // Later ones leave what is to be read to whoever looks for a disturber.
    if (this.#ownPid === undefined) this.#learnOwnPid();
    return ok(undefined);
  }

  /** What is in our table is ours: the first transaction after opening the monitor tells how the kernel calls us. */
  #learnOwnPid(): void {
    for (const event of this.#monitor.read()) {
      if (event.kind === 'transaction') this.#ownPid ??= event.pid;
    }
  }

  /** Reads what happened to rulesets; the name of the process that changed our table, if another one did. */
  disturbedBy(): string | undefined {
    let by: string | undefined;
    for (const event of this.#monitor.read()) by = this.#disturber(event) ?? by;
    return by;
  }

  #disturber(event: NftEvent): string | undefined {
    if (event.kind !== 'transaction') return 'somebody (notifications were lost)';
    if (event.pid === this.#ownPid) return undefined;
    const ours = event.changes.some((change) => change.family === 'netdev' && change.table === 'softset');
    return ours ? `${event.process} (process ${event.pid})` : undefined;
  }

  /** New element, then the address: from here the kernel answers. Undone as a whole if one part fails. */
  create(lease: Lease): Result<void> {
    const service = this.#services.get(lease.service);
    if (!service) return fail('UNKNOWN_SERVICE', `no service ${lease.service}`);
    const timeoutMs = Math.floor(lease.untilMs - this.#nowMs());
    if (timeoutMs <= 0) return fail('LEASE_OVER', `the grant of ${lease.service} ended before it began`);
    const startMs = this.#nowMs();
    const added = this.#nft.run(addElements(service, timeoutMs));
    if (!added.ok) return added;
    if (this.#nowMs() - startMs > LATE_MS) {
      const renewed = this.renew(lease, false);
      if (!renewed.ok) return renewed;
    }
    // What half stands is taken away by whoever hears of the failure: the core gives up what was not made.
    return this.#place(service, lease);
  }

  /**
   * Delete and add in one transaction: it fails on an element that ran out (L3). `revive` is a plain add.
   * L4: the timeout is computed just before the call, and a call that came late is made good at once.
   */
  renew(lease: Lease, revive: boolean): Result<void> {
    const service = this.#services.get(lease.service);
    if (!service) return fail('UNKNOWN_SERVICE', `no service ${lease.service}`);
    for (let tries = 0; tries < 3; tries++) {
      const startMs = this.#nowMs();
      const timeoutMs = Math.floor(lease.untilMs - startMs);
      if (timeoutMs <= 0) break;
      const done = this.#nft.run(`${revive ? '' : deleteElements(service)}${addElements(service, timeoutMs)}`);
      if (!done.ok) return done;
      if (this.#nowMs() - startMs <= LATE_MS) return this.#renewAddress(service, lease);
    }
    return fail('LEASE_LATE', `the kernel took too long to renew ${lease.service}`);
  }

  #renewAddress(service: Leased, lease: Lease): Result<void> {
    const endsMs = this.#addressEndsMs.get(service.name) ?? 0;
    return endsMs < lease.untilMs + ADDRESS_SPARE_MS ? this.#place(service, lease) : ok(undefined);
  }

  #place(service: Leased, { network, untilMs }: Lease): Result<void> {
    const validSeconds = Math.max(VALID_SECONDS, Math.ceil((untilMs - this.#nowMs()) / 1000));
    this.#addressEndsMs.set(service.name, this.#nowMs() + validSeconds * 1000);
    const ready = this.#macDevices.ready(service, network);
    if (!ready.ok) return ready;
    for (const { ip, length } of service.addresses) {
      const done = this.#rtnetlink.addAddress({
        device: this.#macDevices.of(service, network),
        ip,
        prefixLength: length,
        validSeconds,
        noPrefixRoute: true,
        noDad: true,
        replace: true,
      });
      if (!done.ok) return done;
    }
    return ok(undefined);
  }

  /** The holder's move to its other network: on both for a moment, so that nothing is lost between (M7). */
  rehome(lease: Lease, from: Network): Result<void> {
    const service = this.#services.get(lease.service);
    if (!service) return fail('UNKNOWN_SERVICE', `no service ${lease.service}`);
    const placed = this.#place(service, lease);
    if (placed.ok) this.#unplace(service, from);
    return placed;
  }

  /**
   * Address and element go, whether they stand, ran out or never were. A failure means that the element may still stand:
   * nobody may be told that it does not (M2). Errors: NFT_REFUSED.
   */
  remove(lease: Lease): Result<void> {
    const service = this.#services.get(lease.service);
    if (!service) return ok(undefined);
    const gone = this.#end([service]);
    this.#unplace(service, lease.network);
    return gone;
  }

  /** Once more with the table put back: where somebody took it away there is no element, and no rule either. */
  #end(services: readonly Guarded[]): Result<void> {
    if (services.length === 0) return ok(undefined);
    const commands = services.map(endElements).join('');
    const ended = this.#nft.run(commands);
    if (ended.ok) return ok(undefined);
    const installed = this.install();
    if (!installed.ok) return installed;
    const again = this.#nft.run(commands);
    return again.ok ? ok(undefined) : again;
  }

  #unplace(service: Guarded, network: Network): void {
    for (const { ip, length } of service.addresses) {
      this.#rtnetlink.deleteAddress({ device: this.#macDevices.of(service, network), ip, prefixLength: length });
    }
  }

  /**
   * At the pulse's start: what a forerunner left. Returns the leases that really stand; whatever else is in the sets
   * or on the devices is taken away. Where that fails, what stands is not known, and the pulse may not start.
   */
  inherit(leases: readonly Lease[]): Result<readonly Lease[]> {
    const standing = new Set([...this.#elements('lease4'), ...this.#elements('lease6')]);
    const kept = leases.filter((lease) => {
      const service = this.#services.get(lease.service);
      return service?.addresses.every(({ ip }) => standing.has(ip)) === true && lease.untilMs > this.#nowMs();
    });
    const others = [...this.#services.values()].filter(({ name }) => !kept.some(({ service }) => service === name));
    const ended = this.#end(others);
    if (!ended.ok) return ended;
    for (const service of others) for (const network of NETWORKS) this.#unplace(service, network);
    return ok(kept);
  }

  /** What a take, a renewal and a release ask of the kernel, for an address that is nobody's. What it says is no matter. */
  rehearse(): void {
    const addresses = this.#standIns.map((ip) => ({ ip, length: 32 }));
    this.#nft.run(addElements({ addresses }, 1000));
    this.#nft.run(`${deleteElements({ addresses })}${addElements({ addresses }, 1000)}`);
    this.#nft.run(deleteElements({ addresses }));
    const { device, local: ip } = STAND_IN;
    const placed = { device, ip, prefixLength: 32, validSeconds: 1, noPrefixRoute: true, noDad: true, replace: true };
    if (this.#rtnetlink.addAddress(placed).ok) this.#rtnetlink.deleteAddress({ device, ip, prefixLength: 32 });
  }

  #elements(set: string): string[] {
    const listed = this.#nft.list(`list set ${TABLE} ${set}`);
    if (!listed.ok) return [];
    const { nftables } = listed.value as { nftables?: { set?: { elem?: (string | { elem?: { val?: string } })[] } }[] };
    return (nftables ?? []).flatMap((item) =>
      (item.set?.elem ?? []).flatMap((element) => {
        const value = typeof element === 'string' ? element : element.elem?.val;
        return value === undefined ? [] : [value];
      }),
    );
  }

  close(): void {
    this.#monitor.close();
    this.#rtnetlink.close();
    this.#nft.close();
  }
}

/**
 * One of each version that is in use, and is no service's: a laboratory may well serve documentation's own addresses, and
 * a rehearsal that took one of them would end its lease. A service has few of them, so one is left.
 */
function standIns(served: readonly string[]): string[] {
  const last = Array.from({ length: 254 }, (_, i) => i + 1);
  const spare = (name: (host: number) => string): string[] => last.map(name).filter((ip) => !served.includes(ip));
  const v4 = spare((host) => `${STAND_IN.v4}${host}`).slice(0, 1);
  const v6 = spare((host) => `${STAND_IN.v6}${host.toString(16)}`).slice(0, 1);
  return served.some((ip) => isIpv6(ip)) ? [...v4, ...v6] : v4;
}

/** What the sets hold of a service, and what the table looks at. */
type Guarded = Pick<Service, 'addresses' | 'mac'>;
type Leased = Guarded & Pick<Service, 'name'>;

function elements(service: Guarded, suffix: string): { set: string; text: string }[] {
  const text = (ips: string[]): string => ips.map((ip) => `${ip}${suffix}`).join(', ');
  const v4 = service.addresses.filter(({ ip }) => !isIpv6(ip)).map(({ ip }) => ip);
  const v6 = service.addresses.filter(({ ip }) => isIpv6(ip)).map(({ ip }) => ip);
  return [
    ...(v4.length > 0 ? [{ set: 'lease4', text: text(v4) }] : []),
    ...(v6.length > 0 ? [{ set: 'lease6', text: text(v6) }] : []),
    ...(v6.length > 0 ? [{ set: 'leased-target6', text: text(v6.map(asNumber)) }] : []),
    ...(service.mac === undefined ? [] : [{ set: 'lease-mac', text: text([service.mac]) }]),
  ];
}

/** An IPv6 address as nft takes raw payload: one hexadecimal number. */
function asNumber(ip: string): string {
  const bytes = parseIpv6(ip);
  return bytes.ok ? `0x${[...bytes.value].map((byte) => byte.toString(16).padStart(2, '0')).join('')}` : ip;
}

function addElements(service: Guarded, timeoutMs: number): string {
  return elements(service, ` timeout ${timeoutMs}ms`)
    .map(({ set, text }) => `add element ${TABLE} ${set} { ${text} }\n`)
    .join('');
}

/** Refused where one of them does not stand: then all others do. */
function deleteElements(service: Guarded): string {
  return elements(service, '')
    .map(({ set, text }) => `delete element ${TABLE} ${set} { ${text} }\n`)
    .join('');
}

/** Succeeds whether they stand or not: what one transaction adds and deletes is never seen. A refused one would cost 8 ms. */
function endElements(service: Guarded): string {
  return `${addElements(service, 1000)}${deleteElements(service)}`;
}
