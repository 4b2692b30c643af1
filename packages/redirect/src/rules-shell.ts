import type { Alarm, AlarmCause, Board, Cluster, NetrackState, RulesMethods } from '@softset/protocol';
import { weekdays } from '@softset/protocol/rules-facts.js';
import type { DaemonContext } from '@softset/runtime/daemon.js';
import type { Journal } from '@softset/runtime/journal.js';
import { nowMs } from '@softset/runtime/now-ms.js';
import { Timers } from '@softset/runtime/timers.js';
import type { NetrackPort } from './adapters/netrack-port.js';
import { setVariable } from './adapters/snmp-variable.js';
import type { FactValue } from './core/rules/facts.js';
import { changedFacts, factsOf, type WallTime } from './core/rules/facts-of.js';
import type { RuleSet } from './core/rules/rule-set.js';
import type { RulesEffect } from './core/rules/state.js';
import { askedFacts, snmpAsked } from './core/rules/well.js';
import { worldOf } from './core/rules/world.js';
import type { DirectorShell } from './director-shell.js';
import { RulesEngine } from './rules/engine.js';
import { effectLine, factsLine } from './rules/journaled.js';
import { RulesKeeper, rulesFolder } from './rules/keeper.js';
import { Performer } from './rules/performer.js';
import { RulesTally } from './rules/tally.js';
import { warmUp } from './rules/warm-up.js';

export interface RulesShellPorts {
  readonly context: DaemonContext;
  readonly journal: Journal;
  readonly netrack: () => Pick<NetrackPort, 'alarm' | 'orderProgram'>;
  readonly director: () => DirectorShell;
}

/** How often the files are looked at; SIGHUP looks at once. */
const LOOK_MS = 1000;
/** An agent's values count so long after they were told. */
const SNMP_MS = 60_000;
/** How often this process shows itself that it lives, and after which pause it stood still. */
const ALIVE_MS = 100;
const STALL_MS = 500;
/** A whole snapshot of the facts goes into the journal after so many changes, so that a replay finds a beginning. */
const SNAPSHOT_CHANGES = 5000;
const RULES_INVALID: AlarmCause = 'RULES_INVALID';

/**
 * Runs rules files: feeds the engine with facts while this board directs, performs what it decides through the director,
 * and journals each decision with its facts, its file's revision, its plan and what came of it.
 *
 *     files ──► keeper ──► set ─┐
 *     NETRACK's state ──► facts ─┴─► engine ──► performer ──► director, alarms, declared programs
 *                                      └──────► journal
 */
export class RulesShell {
  readonly #cluster: Cluster;
  readonly #board: Board;
  readonly #ports: RulesShellPorts;
  readonly #keeper: RulesKeeper;
  readonly #performer: Performer;
  readonly #tally = new RulesTally();
  readonly #timers = new Timers(nowMs);
  readonly #look: NodeJS.Timeout;
  readonly #alive: NodeJS.Timeout;
  #aliveMs = nowMs();
  #engine: RulesEngine | undefined;
  #asked: ReadonlySet<string> = new Set();
  #facts: ReadonlyMap<string, FactValue> = new Map();
  readonly #snmp = new Map<string, ReadonlyMap<string, FactValue>>();
  readonly #snmpToldMs = new Map<string, number>();
  #directing = false;
  #state: NetrackState | undefined;
  #changes = 0;
  #alarmed = false;

  constructor(cluster: Cluster, board: Board, ports: RulesShellPorts) {
    const { context, director } = ports;
    this.#cluster = cluster;
    this.#board = board;
    this.#ports = ports;
    this.#keeper = new RulesKeeper(rulesFolder(context.options.cluster), context.options.stateDir, worldOf(cluster));
    this.#performer = new Performer({
      cluster,
      wish: (wish) => director().dispatch({ kind: 'wish', ...wish }),
      change: (change) => director().dispatch({ kind: 'change', ...change }),
      alarm: (alarm) => this.#alarm(alarm),
      orderProgram: (wanted) => this.#ports.netrack().orderProgram(wanted),
      setVariable: (agent, object, value) => setVariable(context.options.cluster, agent, object, value),
      commandOf: (name) => this.#engine?.set.commands.get(name),
      done: (call, ok, message) =>
        void this.#engine?.take({ kind: 'performed', call, ok, message }).then(() => this.#wake()),
    });
    const kept = this.#keeper.open();
    if (kept.set !== undefined) this.#use(kept.set);
    this.#tellRefusal(kept.refused);
    this.#look = setInterval(() => this.reload(false), LOOK_MS).unref();
    this.#alive = setInterval(() => this.#live(), ALIVE_MS).unref();
  }

  /** What the control socket says of them. */
  get summary(): RulesMethods['rules']['result'] {
    const { set, refused } = this.#keeper.kept;
    return {
      files: set?.files ?? [],
      rules: set?.rules.length ?? 0,
      ...(refused === undefined ? {} : { refused }),
      deciding: this.#directing && this.#engine !== undefined,
      atLimit: this.#engine?.atLimit ?? [],
      tally: this.#tally.rows(set),
      snmp: snmpAsked(set),
    };
  }

  /** NETRACK's newest snapshot, after the director has seen it. */
  onState(state: NetrackState): void {
    this.#state = state;
    const directing = state.directing && !this.#ports.context.passive;
    const began = directing && !this.#directing;
    if (!directing && this.#directing) this.#stand();
    this.#directing = directing;
    if (directing) this.#feed(began);
  }

  onLost(): void {
    this.#state = undefined;
    if (this.#directing) this.#stand();
    this.#directing = false;
  }

  /** Values of one agent's variables, whole, from whoever asks it. */
  onSnmp(agent: string, values: RulesMethods['snmpFacts']['params']['values']): void {
    const known = Object.entries(values).filter((entry): entry is [string, FactValue] => entry[1] !== null);
    this.#snmp.set(agent, new Map(known));
    this.#snmpToldMs.set(agent, nowMs());
    if (this.#directing) this.#feed(false);
  }

  ruled(id: string, ok: boolean, message: string): boolean {
    return this.#performer.ruled(id, ok, message);
  }

  /** Looks at the files; `now`: without waiting for one that is being written to come to rest. */
  reload(now = true): void {
    // What nobody tells any more is not known any more: an agent that fell silent must not look well for ever.
    for (const [agent, toldMs] of this.#snmpToldMs) {
      if (nowMs() - toldMs < SNMP_MS) continue;
      this.#snmp.delete(agent);
      this.#snmpToldMs.delete(agent);
    }
    // Time of day is a fact too, and NETRACK does not tell it.
    if (this.#directing) this.#feed(false);
    if (!this.#keeper.look(now)) return;
    const { set, refused } = this.#keeper.kept;
    this.#tellRefusal(refused);
    if (refused === undefined && set !== undefined) this.#use(set);
  }

  close(): void {
    clearInterval(this.#look);
    clearInterval(this.#alive);
    this.#timers.cancelAll();
    this.#engine?.close();
  }

  #use(set: RuleSet): void {
    const { context, journal } = this.#ports;
    this.#asked = askedFacts(set);
    const fields = { files: set.files, rules: set.rules.length, instances: set.instances.length };
    context.log.info('rules-loaded', fields);
    journal.append({ who: 'rules', what: 'rules-loaded', fields });
    if (this.#engine !== undefined) {
      if (this.#directing) this.#feed(false);
      void this.#engine.take({ kind: 'set', set }).then(() => this.#wake());
      return;
    }
    // Nothing is fed, judged or journaled on a system without rules.
    if (set.rules.length === 0) return;
    this.#engine = new RulesEngine(set, {
      nowMs,
      onEffect: (effect) => this.#take(effect),
      onCrash: context.crash,
    });
    void warmUp(set);
    if (this.#directing) this.#feed(true);
  }

  /** Before anything is judged: hold times that ran while nobody looked are not believed. */
  #live(): void {
    const pausedMs = nowMs() - this.#aliveMs;
    this.#aliveMs = nowMs();
    if (pausedMs < STALL_MS || this.#engine === undefined) return;
    this.#ports.context.log.warn('rules-stalled', { pausedMs });
    void this.#engine.take({ kind: 'stalled' });
  }

  #feed(whole: boolean): void {
    this.#live();
    const engine = this.#engine;
    const state = this.#state;
    if (engine === undefined || state === undefined) return;
    const facts = factsOf(this.#cluster, state, this.#asked, this.#ports.director().resting, wallTime(), this.#snmp);
    const changes = changedFacts(whole ? new Map() : this.#facts, facts);
    this.#facts = facts;
    if (changes.size === 0) return;
    this.#changes += changes.size;
    const snapshot = whole || this.#changes >= SNAPSHOT_CHANGES;
    if (snapshot) this.#changes = 0;
    this.#ports.journal.append({ who: 'rules', ...factsLine(snapshot, snapshot ? facts : changes) });
    void engine.take({ kind: 'facts', changes }).then(() => this.#wake());
  }

  #stand(): void {
    this.#facts = new Map();
    this.#ports.journal.append({ who: 'rules', what: 'rules-stand', fields: {} });
    void this.#engine?.take({ kind: 'stand' }).then(() => this.#wake());
  }

  #wake() {
    const wakeMs = this.#engine?.wakeMs;
    if (wakeMs === undefined) return this.#timers.cancel('wake');
    this.#timers.arm('wake', wakeMs, () => {
      this.#live();
      void this.#engine?.take({ kind: 'tick' }).then(() => this.#wake());
    });
  }

  #take(effect: RulesEffect): void {
    const { journal, context } = this.#ports;
    this.#tally.note(effect, Date.now());
    journal.append({ who: 'rules', ...effectLine(effect) });
    if (effect.kind === 'decided') context.log.info('rule-decided', { plan: effect.plan, ...effect.decision });
    if (effect.kind === 'perform') this.#performer.perform(effect);
  }

  #alarm(alarm: Omit<Alarm, 'raisedAtMs' | 'raisedBy' | 'acknowledgedBy'>): void {
    this.#ports.netrack().alarm({ ...alarm, raisedAtMs: Date.now(), raisedBy: this.#board.id });
  }

  #tellRefusal(refused: string | undefined) {
    const { context, journal } = this.#ports;
    const object = `board/${this.#board.name}`;
    if (refused === undefined) {
      if (!this.#alarmed) return;
      this.#alarmed = false;
      return this.#alarm({ object, cause: RULES_INVALID, severity: 'cleared', text: 'the rules files are good' });
    }
    this.#alarmed = true;
    context.log.error('rules-refused', { message: refused });
    journal.append({ who: 'rules', what: 'rules-refused', fields: { message: refused } });
    const going = this.#keeper.kept.set === undefined ? 'no rules run' : 'the last good ones run';
    this.#alarm({ object, cause: RULES_INVALID, severity: 'major', text: `${going}; ${refused}`.slice(0, 900) });
  }
}

function wallTime(): WallTime {
  const date = new Date();
  return { hour: date.getHours(), minute: date.getMinutes(), weekday: weekdays[(date.getDay() + 6) % 7] ?? 'monday' };
}
