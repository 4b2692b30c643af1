import { type Ip, inPrefix, type Prefix, parsePrefix } from '@softset/base';

/** One object of `nft -j list ruleset` (libnftables-json(5)): a chain, a rule or a set; what we do not know is left alone. */
export interface NftObject {
  readonly chain?: NftChain;
  readonly rule?: { readonly family: string; readonly table: string; readonly chain: string } & NftRule;
  readonly set?: { readonly family: string; readonly table: string; readonly name: string; readonly elem?: unknown };
}
export interface NftChain {
  readonly family: string;
  readonly table: string;
  readonly name: string;
  readonly type?: string;
  readonly hook?: string;
  readonly policy?: string;
  /** Of netdev's ingress and egress: which devices. */
  readonly dev?: string | readonly string[];
}
interface NftRule {
  readonly handle?: number;
  readonly expr?: readonly Readonly<Record<string, unknown>>[];
}

/** A frame of ours, as far as rules can ask about it: UDP to that port, or ARP. */
export interface Frame {
  readonly device: string;
  readonly incoming: boolean;
  /** 0: ARP. */
  readonly port: number;
  /** Of this board there. */
  readonly own: Ip;
  /** Of the network that the others' addresses are in. */
  readonly subnet: Prefix;
  /** It goes to a group: what it is addressed to is not asked further. */
  readonly multicast: boolean;
}

/** unclear: dropped, unless a rule accepts it that only the kernel can judge. */
export type Fate = { readonly kind: 'passes' } | { readonly kind: 'dropped' | 'unclear'; readonly by: string };

const INCOMING = ['ingress', 'prerouting', 'input'];
const OUTGOING = ['output', 'postrouting', 'egress'];
/** Deeper than the kernel allows jumps to go (NFT_JUMP_STACK_SIZE). */
const DEPTH = 16;

/** Base chains that see the frame. */
export function chainsFor(ruleset: readonly NftObject[], { device, incoming, port, own }: Frame): readonly NftChain[] {
  const families = port === 0 ? ['arp', 'netdev'] : ['inet', own.includes(':') ? 'ip6' : 'ip', 'netdev'];
  return ruleset.flatMap(({ chain }) => {
    if (chain?.hook === undefined || chain.type === 'nat' || !families.includes(chain.family)) return [];
    if (!(incoming ? INCOMING : OUTGOING).includes(chain.hook)) return [];
    const devices = chain.dev === undefined ? [device] : [chain.dev].flat();
    return devices.includes(device) ? [chain] : [];
  });
}

/** What becomes of the frame in this base chain, as its first packet: no connection is tracked yet. */
export function fateIn(ruleset: readonly NftObject[], chain: NftChain, frame: Frame): Fate {
  const walk = new Walk(ruleset, chain, frame);
  const end = walk.through(chain.name, 0) ?? { accepts: chain.policy !== 'drop', by: 'by its policy' };
  if (end.accepts) return { kind: 'passes' };
  return { kind: walk.mayAccept ? 'unclear' : 'dropped', by: end.by };
}

interface End {
  readonly accepts: boolean;
  readonly by: string;
}

class Walk {
  readonly #ruleset: readonly NftObject[];
  readonly #in: NftChain;
  readonly #frame: Frame;
  /** A rule that cannot be judged from here may have accepted it on the way. */
  mayAccept = false;

  constructor(ruleset: readonly NftObject[], base: NftChain, frame: Frame) {
    this.#ruleset = ruleset;
    this.#in = base;
    this.#frame = frame;
  }

  /** Undefined: it comes out at the end, or returns. */
  through(name: string, depth: number): End | undefined {
    for (const rule of this.#rulesOf(name)) {
      const { verdict, sure } = this.#verdictOf(rule);
      if (verdict === undefined) continue;
      const [word = '', target] = verdict;
      if (word === 'return' && sure) return undefined;
      if (word === 'jump' || word === 'goto') {
        const end = depth < DEPTH ? this.through(target ?? '', depth + 1) : undefined;
        if (!sure) this.mayAccept ||= end?.accepts === true;
        else if (end !== undefined) return end;
        else if (word === 'goto') return undefined;
        continue;
      }
      const drops = word === 'drop' || word === 'reject';
      if (sure && (drops || word === 'accept')) return { accepts: !drops, by: `by rule ${rule.handle ?? '?'}` };
      this.mayAccept ||= !drops;
    }
    return undefined;
  }

  #rulesOf(name: string): readonly NftRule[] {
    const { family, table } = this.#in;
    return this.#ruleset.flatMap(({ rule }) =>
      rule?.family === family && rule.table === table && rule.chain === name ? [rule] : [],
    );
  }

  /** Its verdict where the frame matches, or may. */
  #verdictOf({ expr = [] }: NftRule): { verdict?: readonly [string, (string | undefined)?]; sure: boolean } {
    let sure = true;
    for (const statement of expr) {
      const [word = '', body] = Object.entries(statement)[0] ?? [];
      if (word === 'match') {
        const holds = this.#matches(body as Match);
        if (holds === false) return { sure };
        sure &&= holds === true;
      } else if (['accept', 'drop', 'reject', 'return'].includes(word)) return { verdict: [word], sure };
      else if (word === 'jump' || word === 'goto')
        return { verdict: [word, (body as { target?: string }).target], sure };
      else if (word === 'vmap' || word === 'queue') {
        if (word === 'vmap' && this.#valueOf((body as { key?: Left }).key ?? {}) === NONE) return { sure };
        return { verdict: ['accept'], sure: false };
      } else if (!['counter', 'log', 'comment', 'meter', 'mangle', 'notrack'].includes(word)) sure = false;
    }
    return { sure };
  }

  #matches({ op, left, right }: Match): boolean | undefined {
    const value = this.#valueOf(left);
    if (value === NONE) return false;
    if (value === undefined) return undefined;
    const among = this.#among(value, right);
    if (op === '==' || op === 'in') return among;
    return op === '!=' && among !== undefined ? !among : undefined;
  }

  /** What the frame has there: NONE where it has no such thing, undefined where that is not known. */
  #valueOf({ payload, meta, ct }: Left): Value | undefined {
    const { port, device, incoming } = this.#frame;
    const v6 = this.#frame.own.includes(':');
    if (ct !== undefined) return ct.key === 'state' && port !== 0 ? 'new' : undefined;
    switch (meta?.key ?? `${payload?.protocol} ${payload?.field}`) {
      case 'iif':
      case 'iifname':
        return incoming ? device : NONE;
      case 'oif':
      case 'oifname':
        return incoming ? NONE : device;
      case 'nfproto':
        return v6 ? 'ipv6' : 'ipv4';
      case 'protocol':
      case 'ether type':
        return port === 0 ? 'arp' : v6 ? 'ip6' : 'ip';
      case 'l4proto':
      case 'ip protocol':
        return port === 0 ? NONE : 'udp';
      case 'udp dport':
      case 'th dport':
        return port === 0 ? NONE : port;
      case 'ip saddr':
      case 'ip6 saddr':
      case 'ip daddr':
      case 'ip6 daddr':
        return this.#addressOf(payload?.protocol === 'ip6', payload?.field === 'saddr');
    }
    // Other fields of what it carries are not ours to know; what it does not carry it has not.
    const carried = port === 0 ? ['arp', 'ether'] : ['udp', 'th', v6 ? 'ip6' : 'ip', 'ether'];
    return payload !== undefined && !carried.includes(payload.protocol) ? NONE : undefined;
  }

  #addressOf(v6: boolean, source: boolean): Value | undefined {
    const { port, own, subnet, incoming, multicast } = this.#frame;
    if (port === 0 || v6 !== own.includes(':')) return NONE;
    if (source !== incoming) return source ? own : multicast ? undefined : subnet;
    return source ? subnet : multicast ? undefined : own;
  }

  #among(value: Value, right: unknown): boolean | undefined {
    const answers = this.#elements(right).map((one) => holds(value, one));
    return answers.includes(true) ? true : answers.includes(undefined) ? undefined : false;
  }

  #elements(right: unknown): readonly unknown[] {
    if (Array.isArray(right)) return right;
    if (typeof right === 'string' && right.startsWith('@')) {
      const { family, table } = this.#in;
      const named = this.#ruleset.find(
        ({ set }) => set?.family === family && set.table === table && set.name === right.slice(1),
      )?.set;
      // Empty it has none; one that is not listed is not known.
      return named === undefined ? [UNKNOWN] : [named.elem ?? []].flat();
    }
    const { set } = typeof right === 'object' && right !== null ? (right as { set?: unknown }) : {};
    return set === undefined ? [right] : [set].flat();
  }
}

const NONE = Symbol('the frame has no such thing');
const UNKNOWN = Symbol('not known');
type Value = string | number | Prefix | typeof NONE;
interface Left {
  readonly payload?: { readonly protocol: string; readonly field: string };
  readonly meta?: { readonly key: string };
  readonly ct?: { readonly key: string };
}
interface Match {
  readonly op: string;
  readonly left: Left;
  readonly right: unknown;
}

/** Whether a value is what a rule names: a word, a number, a range of them, an address or a prefix. */
function holds(value: Value, named: unknown): boolean | undefined {
  if (typeof named === 'object' && named !== null) {
    const { range, prefix, elem } = named as {
      range?: readonly [unknown, unknown];
      prefix?: { addr: string; len: number };
      elem?: { val?: unknown };
    };
    if (elem !== undefined) return holds(value, elem.val);
    if (prefix !== undefined) return within(value, `${prefix.addr}/${prefix.len}`);
    const [low, high] = range ?? [];
    if (typeof value !== 'number' || typeof low !== 'number' || typeof high !== 'number') return undefined;
    return value >= low && value <= high;
  }
  if (named === UNKNOWN) return undefined;
  if (typeof value === 'object') return within(value, String(named));
  const text = String(named);
  return text.endsWith('*') ? String(value).startsWith(text.slice(0, -1)) : String(value) === text;
}

/** An address, or all of a network, in a prefix or an address. Undefined: a part of it is. */
function within(value: Value, text: string): boolean | undefined {
  const outer = parsePrefix(text.includes('/') ? text : `${text}/${text.includes(':') ? 128 : 32}`);
  if (!outer.ok || typeof value === 'number' || typeof value === 'symbol') return undefined;
  if (typeof value === 'string') return inPrefix(value as Ip, outer.value);
  if (value.length >= outer.value.length && inPrefix(value.ip, outer.value)) return true;
  return inPrefix(outer.value.ip, value) ? undefined : false;
}
