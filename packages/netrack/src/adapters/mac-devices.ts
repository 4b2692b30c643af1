import { fail, type Mac, ok, type Result } from '@softset/base';
import type { Rtnetlink } from '@softset/linux/rtnetlink.js';
import { writeSysctl } from '@softset/linux/sysctl.js';
import { NETWORKS, type Network, type Service } from '@softset/protocol';

const OURS = /^[ab]-[0-9a-f]{12}$/;

/**
 * The devices of MACs that move with a service: a macvlan above each private device, which keeps its own MAC and private
 * address (002 ¶0051). They are made, and switched on, at the start and stay so, since the kernel may take tens of
 * milliseconds to switch one off: without addresses, and with no packet passed on, it answers nothing and says nothing.
 * What keeps a MAC silent without a lease are the rules of the lease table.
 */
export class MacDevices {
  readonly #rtnetlink: Rtnetlink;
  readonly #parents: Readonly<Record<Network, string>>;

  constructor(rtnetlink: Rtnetlink, parents: Readonly<Record<Network, string>>) {
    this.#rtnetlink = rtnetlink;
    this.#parents = parents;
  }

  /** On which device the service's addresses stand. */
  of({ mac }: Pick<Service, 'mac'>, network: Network): string {
    return mac === undefined ? this.#parents[network] : nameOf(mac, network);
  }

  /**
   * Makes those of `services`, and takes away what an earlier cluster file left. One that is there stays as it is: it may
   * carry what a forerunner of this process holds. Errors: errno's names.
   */
  prepare(services: readonly Pick<Service, 'mac'>[]): Result<void> {
    const macs = services.flatMap(({ mac }) => mac ?? []);
    const links = this.#rtnetlink.links();
    if (!links.ok) return links;
    const wanted = new Map(macs.flatMap((mac) => NETWORKS.map((network) => [nameOf(mac, network), { mac, network }])));
    const here = new Set<string>();
    for (const { name, kind, mac, parent } of links.value) {
      if (kind !== 'macvlan' || !OURS.test(name)) continue;
      const want = wanted.get(name);
      const above = links.value.find(({ index }) => index === parent)?.name;
      if (want !== undefined && want.mac === mac && above === this.#parents[want.network]) here.add(name);
      else this.#rtnetlink.deleteLink(name);
    }
    for (const [name, { mac, network }] of wanted) {
      if (here.has(name)) continue;
      const made = this.#make(name, mac, this.#parents[network]);
      if (!made.ok) return made;
    }
    return ok(undefined);
  }

  #make(name: string, mac: Mac, parent: string): Result<void> {
    const added = this.#rtnetlink.addMacvlan({ name, parent, mac, mode: 'bridge' });
    if (!added.ok) return fail(added.code, `the device of ${mac}: ${added.message}`, added);
    // It speaks for its public addresses alone: no address of its own, nor an answer for the board's private ones.
    writeSysctl(`net/ipv6/conf/${name}/addr_gen_mode`, 1);
    writeSysctl(`net/ipv6/conf/${name}/accept_ra`, 0);
    writeSysctl(`net/ipv4/conf/${name}/arp_announce`, 2);
    for (const family of ['ipv4', 'ipv6']) writeSysctl(`net/${family}/conf/${name}/forwarding`, 0);
    const quiet = writeSysctl(`net/ipv4/conf/${name}/arp_ignore`, 1);
    return quiet.ok ? this.#rtnetlink.setLinkUp(name, true) : quiet;
  }

  /** Before addresses are placed on it: one that went with its private device, or by somebody's hand, is made again. */
  ready({ mac }: Pick<Service, 'mac'>, network: Network): Result<void> {
    if (mac === undefined) return ok(undefined);
    const name = nameOf(mac, network);
    const set = this.#rtnetlink.setLinkUp(name, true);
    if (set.ok || set.code !== 'ENODEV') return set;
    return this.#make(name, mac, this.#parents[network]);
  }
}

/** `a-025f00000101`: 14 of the 15 characters that a device's name may have. */
function nameOf(mac: Mac, network: Network): string {
  return `${network.toLowerCase()}-${mac.replaceAll(':', '')}`;
}
