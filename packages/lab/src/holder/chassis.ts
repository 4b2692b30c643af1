import { execFileSync } from 'node:child_process';
import { ok, type Result } from '@softset/base';
import type { Fault } from '../fault.js';
import { boardPorts, faultRules, hookRules, trunkPort } from '../switch-rules.js';
import { type Network, networks, type Topology } from '../topology.js';
import { BoardMachine } from './board-machine.js';
import { Hands } from './hands.js';
import { chassisScript, switchName } from './scripts.js';
import { startSwitchAgents } from './switch-agents.js';

interface Switch {
  readonly network: Network;
  readonly hands: Hands;
  /** What was last told to the kernel. */
  rules: string;
  /** Ports that are down now, the trunk among them. */
  down: ReadonlySet<string>;
}

/** The machines and switches of a lab, and what is wrong with them at this moment. */
export class Chassis {
  readonly topology: Topology;
  readonly boards: ReadonlyMap<string, BoardMachine>;
  readonly #labDir: string;
  readonly #switches: Switch[] = [];
  #outside: Hands | undefined;

  constructor(topology: Topology, labDir: string) {
    this.topology = topology;
    this.#labDir = labDir;
    this.boards = new Map(topology.boards.map((b) => [b.name, new BoardMachine(b, labDir)]));
  }

  /** Makes the switches, then boots all boards at once. Errors: `LAB_BOOT_FAILED`, errno's names. */
  async build(): Promise<Result<void>> {
    execFileSync('sh', ['-c', chassisScript(this.topology)], { stdio: ['ignore', 'ignore', 'inherit'] });
    for (const network of networks) {
      const hands = Hands.open(`/run/netns/${switchName(network)}`);
      if (!hands.ok) return hands;
      this.#switches.push({ network, hands: hands.value, rules: '', down: new Set() });
    }
    if (this.topology.outside !== undefined) {
      const hands = Hands.open('/run/netns/outside');
      if (!hands.ok) return hands;
      this.#outside = hands.value;
    }
    if (this.topology.snmp !== undefined) startSwitchAgents(this.topology.snmp, this.#labDir);
    const booted = await Promise.all([...this.boards.values()].map((machine) => machine.boot()));
    const failed = booted.find((result) => !result.ok);
    return failed ?? this.rehook([]);
  }

  /** Boots a crashed board: its old ports go, new ones come, in the state that `faults` want. */
  async reboot(name: string, faults: readonly Fault[]): Promise<Result<void>> {
    const machine = this.boards.get(name);
    if (machine === undefined) return ok(undefined);
    for (const { network, hands } of this.#switches) {
      // Often the kernel was faster: the port went with its other end.
      if (machine.board.ports.some((p) => p.network === network)) hands.deleteLink(name);
    }
    if (machine.board.outside !== undefined) this.#outside?.deleteLink(name);
    const booted = await machine.boot();
    if (!booted.ok) return booted;
    for (const s of this.#switches) s.down = new Set([...s.down].filter((port) => port !== name));
    return this.rehook(faults);
  }

  #absent(): Set<string> {
    return new Set([...this.boards].filter(([, machine]) => machine.firstPid === undefined).map(([name]) => name));
  }

  /** Hangs the chains on the ports that there are, and sets everything to `faults`. */
  rehook(faults: readonly Fault[]): Result<void> {
    for (const s of this.#switches) {
      const ports = boardPorts(this.topology, s.network, this.#absent());
      const done = s.hands.nft(hookRules(this.topology, s.network, ports, faults));
      if (!done.ok) return done;
      s.rules = faultRules(this.topology, s.network, faults);
    }
    return this.apply(faults);
  }

  /** Brings rules and ports to what `faults` want; touches only what differs, frames before carriers. */
  apply(faults: readonly Fault[]): Result<void> {
    for (const s of this.#switches) {
      const rules = faultRules(this.topology, s.network, faults);
      const done = rules === s.rules ? ok('') : s.hands.nft(rules);
      if (!done.ok) return done;
      s.rules = rules;
    }
    for (const s of this.#switches) {
      const done = this.#setPorts(s, this.#portsDown(s.network, faults));
      if (!done.ok) return done;
    }
    return ok(undefined);
  }

  #portsDown(network: Network, faults: readonly Fault[]): Set<string> {
    const absent = this.#absent();
    const ports = boardPorts(this.topology, network);
    const down = new Set<string>(ports.filter((name) => absent.has(name)));
    for (const fault of faults) {
      if (fault.kind === 'trunk-down') down.add(trunkPort);
      else if (fault.kind === 'crash' && ports.includes(fault.board)) down.add(fault.board);
      else if (fault.kind === 'link-down' && fault.network === network) down.add(fault.board);
      else if (fault.kind === 'switch-down' && fault.network === network) {
        for (const port of [...ports, ...(this.topology.trunk ? [trunkPort] : [])]) down.add(port);
      }
    }
    return down;
  }

  #setPorts(s: Switch, down: ReadonlySet<string>): Result<void> {
    const all = [...boardPorts(this.topology, s.network), ...(this.topology.trunk ? [trunkPort] : [])];
    const absent = this.#absent();
    const changed = all.filter((port) => down.has(port) !== s.down.has(port) && (!absent.has(port) || down.has(port)));
    const before = s.down;
    s.down = down;
    if (down.size === all.length && changed.length > 1) return s.hands.setPortsUp(false);
    if (before.size === all.length && down.size === 0) return s.hands.setPortsUp(true);
    for (const port of changed) {
      const done = s.hands.setLinkUp(port, !down.has(port));
      // A port may go at any moment with the board behind it, and is as dead then as was wanted.
      if (!done.ok && !(done.code === 'ENODEV' && down.has(port))) return done;
    }
    return ok(undefined);
  }

  /** Kills the board and cuts its links at one instant; `faults` has the crash already. The instant. */
  crash(name: string, faults: readonly Fault[]): number | undefined {
    return this.boards.get(name)?.crash(() => {
      this.apply(faults);
    });
  }
}
