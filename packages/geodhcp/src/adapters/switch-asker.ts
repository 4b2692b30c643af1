import { type Mac, ok, type Result } from '@softset/base';
import type { GeoSwitch } from '@softset/protocol';
import { fdbQuestion, OID, printable, readFdb, type Varbind } from '../core/bridge-mib.js';
import { FDB_COLUMNS, learnedMacs, type Plugged } from '../core/learn.js';
import type { Answer } from '../core/lookup.js';
import { buildView, type SwitchPort, type SwitchView, VIEW_COLUMNS } from '../core/switch-view.js';
import type { SnmpSession } from './snmp.js';

/** A view is read anew after this long: what LLDP tells of uplinks changes without a reboot. */
const VIEW_MS = 300_000;
/** A port that a view does not have was plugged in since; a liar's is not looked for more often than this. */
const UNKNOWN_MS = 250;
/** A MAC that is in no table may be in one that is new: which there are is read again, not more often than this. */
const UNLEARNED_MS = 10_000;

/** By so much later than thought may an agent seem to have begun: answers wait on their way, and clocks differ, ms. */
const BEGAN_MS = 1500;
/** sysUpTime counts hundredths of a second. */
const TICK_MS = 10;

interface Rows {
  readonly rows: readonly Varbind[];
  readonly upTicks: number;
  /** When the agent began, by our clock. */
  readonly beganMs: number;
  readonly readMs: number;
}

/** Names that switches give themselves, so that each can tell from LLDP which of its ports leads to another. */
export class SysNames {
  readonly names = new Map<string, string>();
  version = 0;

  learn(sysName: string, name: string): void {
    const key = sysName.toLowerCase();
    if (key === '' || this.names.get(key) === name) return;
    this.names.set(key, name);
    this.version++;
  }
}

/** One forwarding table and what changes seldom about it. */
class Table {
  readonly #session: SnmpSession;
  readonly #config: GeoSwitch;
  readonly #sysNames: SysNames;
  readonly #nowMs: () => number;
  #rows: Rows | undefined;
  #view: { readonly of: Rows; readonly version: number; readonly view: SwitchView } | undefined;
  #reading: Promise<Result<Rows>> | undefined;

  constructor(session: SnmpSession, config: GeoSwitch, sysNames: SysNames, nowMs: () => number) {
    this.#session = session;
    this.#config = config;
    this.#sysNames = sysNames;
    this.#nowMs = nowMs;
  }

  async ports(mac: Mac): Promise<Result<readonly SwitchPort[]>> {
    for (let tries = 0; ; tries++) {
      const rows = await this.rows();
      if (!rows.ok) return rows;
      const view = this.#viewOf(rows.value);
      const asked = fdbQuestion(mac, view.fdbIds);
      const answer = await this.#session.get(asked);
      if (!answer.ok) return answer;
      const heard = readFdb(asked, answer.value);
      if (!heard.ok) return heard;
      const { upTicks, basePorts } = heard.value;
      const found = basePorts.flatMap((port) => view.ports.get(port) ?? []);
      const nowMs = this.#nowMs();
      // The agent began anew: its numbers may stand for other ports now. Its uptime alone does not tell: an agent that was
      // looked at in its first second may have been up for longer by now, a second time.
      const rebooted = upTicks < view.upTicks || nowMs - upTicks * TICK_MS > rows.value.beganMs + BEGAN_MS;
      const ageMs = nowMs - rows.value.readMs;
      const strange = found.length === 0 && basePorts.length > 0;
      const stale = (strange && ageMs >= UNKNOWN_MS) || (basePorts.length === 0 && ageMs >= UNLEARNED_MS);
      if (tries === 0 && (rebooted || stale)) {
        this.forget();
        continue;
      }
      if (strange) {
        const message = `base port ${basePorts.join(', ')} is in none of its tables`;
        return { ok: false, code: 'SNMP_ODD', message };
      }
      return ok(found);
    }
  }

  /** Access ports and who was learned there, by a walk of the whole table. */
  async plugged(): Promise<Result<ReadonlyMap<string, ReadonlySet<Mac>>>> {
    const rows = await this.rows();
    if (!rows.ok) return rows;
    const view = this.#viewOf(rows.value);
    const table: Varbind[] = [];
    for (const column of FDB_COLUMNS) {
      const walked = await this.#session.walk(column);
      if (!walked.ok) return walked;
      table.push(...walked.value);
    }
    const found = new Map<string, ReadonlySet<Mac>>();
    for (const [basePort, macs] of learnedMacs(table)) {
      const port = view.ports.get(basePort);
      if (port !== undefined && port.uplink === undefined) found.set(port.name, macs);
    }
    return ok(found);
  }

  /** Read once at a time, however many ask. */
  rows(): Promise<Result<Rows>> {
    const known = this.#rows;
    if (known !== undefined && this.#nowMs() - known.readMs < VIEW_MS) return Promise.resolve(ok(known));
    this.#reading ??= this.#read().finally(() => {
      this.#reading = undefined;
    });
    // What is merely old serves until the newer one is there: reading may take longer than a look-up has.
    return known === undefined ? this.#reading : Promise.resolve(ok(known));
  }

  forget(): void {
    this.#rows = undefined;
  }

  #viewOf(rows: Rows): SwitchView {
    const { version, names } = this.#sysNames;
    if (this.#view?.of !== rows || this.#view.version !== version)
      this.#view = { of: rows, version, view: buildView(rows.rows, rows.upTicks, this.#config, names) };
    return this.#view.view;
  }

  async #read(): Promise<Result<Rows>> {
    // Without patience: a switch that is dead is told so within the time of a look-up.
    const about = await this.#session.get([OID.sysUpTime, OID.sysName]);
    if (!about.ok) return about;
    const upTicks = typeof about.value[0]?.value === 'number' ? about.value[0].value : 0;
    const beganMs = this.#nowMs() - upTicks * TICK_MS;
    const sysName = about.value[1]?.value;
    if (sysName instanceof Uint8Array) this.#sysNames.learn(printable(sysName), this.#config.name);
    // One after the other: an agent that answers one question at a time would let the last of seven run out of time.
    const rows: Varbind[] = [];
    for (const column of VIEW_COLUMNS) {
      const walked = await this.#session.walk(column);
      if (!walked.ok) return walked;
      rows.push(...walked.value);
    }
    this.#rows = { rows, upTicks, beganMs, readMs: this.#nowMs() };
    return ok(this.#rows);
  }
}

/** Asks one switch behind which of its ports a MAC is: all its tables, and all of them must answer to say "none". */
export class SwitchAsker {
  readonly #sessions: readonly SnmpSession[];
  readonly #tables: readonly Table[];
  readonly #name: string;

  constructor(sessions: readonly SnmpSession[], config: GeoSwitch, sysNames: SysNames, nowMs: () => number) {
    this.#sessions = sessions;
    this.#name = config.name;
    this.#tables = sessions.map((session) => new Table(session, config, sysNames, nowMs));
  }

  async ask(mac: Mac): Promise<Answer> {
    const answers = await Promise.all(this.#tables.map((table) => table.ports(mac)));
    const ports = new Map<string, SwitchPort>();
    let why: string | undefined;
    for (const answer of answers) {
      if (answer.ok) for (const port of answer.value) ports.set(port.name, port);
      else why = answer.message;
    }
    return why !== undefined && ports.size === 0
      ? { kind: 'failed', why }
      : { kind: 'ports', ports: [...ports.values()] };
  }

  /** Who is plugged in where; fails where one of its tables cannot be read. */
  async plugged(): Promise<Result<readonly Plugged[]>> {
    const all = new Map<string, Set<Mac>>();
    for (const table of this.#tables) {
      const found = await table.plugged();
      if (!found.ok) return found;
      for (const [port, macs] of found.value) all.set(port, new Set([...(all.get(port) ?? []), ...macs]));
    }
    return ok([...all].map(([port, macs]) => ({ switch: this.#name, port, macs: [...macs].sort() })));
  }

  /** Reads what changes seldom before the first board asks. */
  warmUp(): void {
    for (const table of this.#tables) void table.rows();
  }

  close(): void {
    for (const session of this.#sessions) session.close();
  }
}
