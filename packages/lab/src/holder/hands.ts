import { ok, type Result } from '@softset/base';
import { attributeU32 } from '@softset/linux/netlink-message.js';
import { NETLINK_ROUTE, type NetlinkRequests, openNetlinkRequests } from '@softset/linux/netlink-socket.js';
import { type Nft, openNft } from '@softset/linux/nft.js';
import { openRtnetlink, type Rtnetlink } from '@softset/linux/rtnetlink.js';
import { linkUpHeader, RTM_NEWLINK } from '@softset/linux/rtnetlink-link.js';
import { NetworkNamespace } from '../network-namespace.js';
import { portGroup } from './scripts.js';

/** <linux/if_link.h>. */
const IFLA_GROUP = 27;

/**
 * The hands of the lab inside one network namespace: sockets that were opened there, ready before a fault is asked for,
 * so that a fault costs a system call and not a process.
 */
export class Hands {
  readonly #namespace: NetworkNamespace;
  readonly #links: Rtnetlink;
  readonly #requests: NetlinkRequests;
  readonly #nft: Nft;

  private constructor(namespace: NetworkNamespace, links: Rtnetlink, requests: NetlinkRequests, nft: Nft) {
    this.#namespace = namespace;
    this.#links = links;
    this.#requests = requests;
    this.#nft = nft;
  }

  /** Errors: errno's names; those of `openNft` where libnftables is missing. */
  static open(path: string): Result<Hands> {
    const namespace = new NetworkNamespace(path);
    return namespace.run(() => {
      const links = openRtnetlink();
      if (!links.ok) return links;
      const requests = openNetlinkRequests(NETLINK_ROUTE);
      if (!requests.ok) return requests;
      const nft = openNft();
      return nft.ok ? ok(new Hands(namespace, links.value, requests.value, nft.value)) : nft;
    });
  }

  /** Devices are named, and looked up, where the thread is: so every call goes inside. */
  setLinkUp(device: string, up: boolean): Result<void> {
    return this.#namespace.run(() => this.#links.setLinkUp(device, up));
  }

  deleteLink(device: string): Result<void> {
    return this.#namespace.run(() => this.#links.deleteLink(device));
  }

  /** All ports of a switch in one message: the kernel goes through the group under one lock (rtnl_group_changelink). */
  setPortsUp(up: boolean): Result<void> {
    const group = attributeU32(IFLA_GROUP, portGroup);
    return this.#requests.request(
      `set group ${portGroup} ${up ? 'up' : 'down'}`,
      RTM_NEWLINK,
      0,
      linkUpHeader(0, up),
      group,
    );
  }

  /** One transaction. */
  nft(commands: string): Result<string> {
    return this.#namespace.run(() => this.#nft.run(commands));
  }

  close(): void {
    this.#links.close();
    this.#requests.close();
    this.#nft.close();
    this.#namespace.close();
  }
}
