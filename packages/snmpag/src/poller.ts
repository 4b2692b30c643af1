import type { Result } from '@softset/base';
import type { Said } from './adapters/snmp-manager.js';
import type { Varbind } from './core/agentx/value.js';
import { IF_ENTRY, IFX_ENTRY, type Inventory, interfacesOf, SYS } from './core/entity/inventory.js';
import { displayText, textOf } from './core/octets.js';
import { beginsWith, compareOids, type Oid } from './core/oid.js';
import type { Ask } from './core/relay/question.js';
import type { Relayed } from './relayed.js';

/** How often it is looked whether somebody's time has come. */
const LOOK_MS = 50;
/** An agent that notifies without end is read so often and no more. */
const HURRY_MS = 500;
const REPETITIONS = 40;
/** A switch with a thousand ports has 41,000; a liar's walk has no end. */
const ROWS_MAX = 60_000;
const WALK_MS = 10_000;

const ABOUT: Ask = { kind: 'get', oids: [SYS.descr, SYS.name] };

/** Reads the interfaces of each agent, every so often, and probes those that are silent. One agent never waits for another. */
export class Poller {
  readonly #agents: readonly Relayed[];
  readonly #nowMs: () => number;
  readonly #onInventory: (agent: Relayed, inventory: Inventory) => void;
  readonly #timer: NodeJS.Timeout;
  readonly #busy = new Set<Relayed>();
  readonly #nextMs = new Map<Relayed, number>();

  constructor(
    agents: readonly Relayed[],
    nowMs: () => number,
    onInventory: (agent: Relayed, inventory: Inventory) => void,
  ) {
    this.#agents = agents;
    this.#nowMs = nowMs;
    this.#onInventory = onInventory;
    this.#timer = setInterval(() => this.#look(), LOOK_MS).unref();
    this.#look();
  }

  /** Something happened there: it is read again soon, however often it says so. */
  hurry(relayed: Relayed): void {
    const due = this.#nextMs.get(relayed);
    const soon = this.#nowMs() + HURRY_MS;
    if (due !== undefined && due > soon) this.#nextMs.set(relayed, soon);
  }

  #look(): void {
    for (const relayed of this.#agents) {
      if (this.#busy.has(relayed) || relayed.target.phase === 'down') continue;
      this.#busy.add(relayed);
      void this.#turn(relayed).finally(() => this.#busy.delete(relayed));
    }
  }

  async #turn(relayed: Relayed): Promise<void> {
    if (relayed.target.phase === 'silent') {
      const said = await relayed.probe(ABOUT);
      // It is back: what it has may be another thing now.
      if (said?.ok) this.#nextMs.delete(relayed);
      return;
    }
    const due = this.#nextMs.get(relayed) ?? Number.NEGATIVE_INFINITY;
    if (this.#nowMs() < due) return;
    this.#nextMs.set(relayed, this.#nowMs() + relayed.agent.pollMs);
    const inventory = await this.#read(relayed);
    if (inventory !== undefined) this.#onInventory(relayed, inventory);
  }

  /** Undefined where it fell silent meanwhile: half a reading is none. */
  async #read(relayed: Relayed): Promise<Inventory | undefined> {
    const beganMs = this.#nowMs();
    const about = varbindsOf(await relayed.ask(ABOUT));
    if (about === undefined) return undefined;
    const rows: Varbind[] = [];
    for (const entry of [IF_ENTRY, IFX_ENTRY]) {
      const walked = await this.#walk(relayed, entry);
      if (walked === undefined) return undefined;
      rows.push(...walked);
    }
    const descr = about[0]?.value;
    return {
      beganMs,
      readMs: this.#nowMs(),
      descr: descr?.type === 'octets' ? displayText(textOf(descr.value), 255) : '',
      interfaces: interfacesOf(rows),
    };
  }

  async #walk(relayed: Relayed, entry: Oid): Promise<readonly Varbind[] | undefined> {
    const rows: Varbind[] = [];
    const endMs = this.#nowMs() + WALK_MS;
    let at = entry;
    while (rows.length < ROWS_MAX && this.#nowMs() < endMs) {
      const ask: Ask = { kind: 'get-bulk', oids: [at], nonRepeaters: 0, maxRepetitions: REPETITIONS };
      const found = varbindsOf(await relayed.ask(ask));
      if (found === undefined) return undefined;
      if (found.length === 0) break;
      for (const row of found) {
        const past = row.value.type === 'end-of-mib-view' || !beginsWith(row.name, entry);
        // One that goes back is lying, and is not read on.
        if (past || compareOids(row.name, at) <= 0) return rows;
        rows.push(row);
        at = row.name;
      }
    }
    return rows;
  }

  close(): void {
    clearInterval(this.#timer);
  }
}

function varbindsOf(said: Result<Said>): readonly Varbind[] | undefined {
  return said.ok && said.value.kind === 'varbinds' ? said.value.varbinds : undefined;
}
