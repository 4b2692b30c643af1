import { randomUUID } from 'node:crypto';
import { type Failure, fail, ok, type Result } from '@softset/base';
import type { BoardId, BoardMessage, KeyRotation, NetrackState } from '@softset/protocol';
import type { KeyOrder, KeyState } from '@softset/protocol/board-message.js';
import type { DaemonContext } from '@softset/runtime/daemon.js';
import type { Journal } from '@softset/runtime/journal.js';
import { type KeyPlaces, writeKeptKeys } from '@softset/runtime/key-files.js';
import type { LoadedCluster } from '@softset/runtime/load-cluster.js';
import { nowMs } from '@softset/runtime/now-ms.js';
import { hangUp } from './adapters/neighbours.js';
import { keyIdOf, type RotatingSealer } from './adapters/sealer.js';
import { fingerprint, freshKey, unwrapKey, wrapKey } from './adapters/wrapped-key.js';
import { type Direction, lastRotation, nextRing, nextStep, orderRefusal } from './core/keys/steps.js';

/** An order is repeated, and given up, ms. A pulse has half of that to take what its board wrote. */
const AGAIN_MS = 1000;
const ORDER_MS = 10_000;
const PULSE_MS = 5000;
const PULSE_AGAIN_MS = 500;

type Order = Extract<BoardMessage, { kind: 'key-order' }>;
type Done = Extract<BoardMessage, { kind: 'key-done' }>;

interface Ports {
  readonly context: DaemonContext;
  readonly loaded: LoadedCluster;
  readonly sealer: RotatingSealer;
  readonly send: (to: BoardId, message: BoardMessage) => void;
  readonly view: () => NetrackState;
}

const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

/** `softset key rotate`: what this board does of a rotation, and the rotation of everybody's that is asked for here. */
export class Keys {
  readonly #ports: Ports;
  readonly #places: KeyPlaces;
  /** Orders are carried out one after another: each writes a file. */
  #work: Promise<unknown> = Promise.resolve();
  #waiting: { readonly round: string; readonly settle: (from: BoardId, done: Done) => void } | undefined;
  #rotating = false;
  #keyed: { readonly own: number; readonly all: readonly number[] } | undefined;
  journal: Journal | undefined;

  constructor(ports: Ports) {
    this.#ports = ports;
    const { keyFile, oldKeyFile } = ports.loaded;
    const { stateDir, runDir } = ports.context.options;
    this.#places = { keyFile, oldKeyFile, directory: stateDir ?? runDir };
  }

  hear(from: BoardId, message: Order | Done): void {
    if (message.kind === 'key-done') {
      if (this.#waiting?.round === message.round) this.#waiting.settle(from, message);
      return;
    }
    this.#work = this.#work.then(async () => {
      const done = await this.#obey(message);
      const answer: Done = {
        kind: 'key-done',
        round: message.round,
        ok: done.ok,
        message: done.ok ? '' : `${done.code}: ${done.message}`.slice(0, 1000),
        keys: this.#own(),
      };
      if (from === this.#self) this.hear(from, answer);
      else this.#ports.send(from, answer);
    });
  }

  /** From the pulse, whenever it took its key files anew. */
  heardPulse(keyed: { readonly own: number; readonly all: readonly number[] }): void {
    this.#keyed = keyed;
  }

  /** All boards and their keys, by fingerprint. */
  async status(): Promise<KeyRotation | Failure> {
    return this.#alone(async () => {
      const states = await this.#askAll('somebody');
      return 'ok' in states ? states : this.#told(states, 'as they are');
    });
  }

  /** A new key for all boards: install, use, remove. */
  rotate(who: string): Promise<KeyRotation | Failure> {
    return this.#alone(async () => {
      const { cluster } = this.#ports.loaded;
      const diskless = cluster.boards.filter(({ disk }) => !disk).map(({ name }) => name);
      if (diskless.length > 0)
        return fail(
          'KEY_DISKLESS',
          `${diskless.join(', ')} would return with the old key: put the new one into its image, step by step (netrack-pulse(8))`,
        );
      const states = await this.#askAll(who);
      if ('ok' in states) return states;
      const [own] = this.#ports.sealer.keys();
      const same = [...states.values()].every(({ ring }) => ring.length === 1 && ring[0] === this.#own().ring[0]);
      if (!same || own === undefined)
        return fail('KEY_UNDER_WAY', 'boards have more than the one key: a rotation is not over; resume or abort it');
      const key = freshKey(own);
      const serial = 1 + Math.max(...[...states.values()].map((state) => state.serial));
      const direction = { into: fingerprint(key), outOf: fingerprint(own) };
      return this.#carryOut({ ...direction, serial, rotation: randomUUID() }, key, who);
    });
  }

  /** Goes on with the last rotation, or takes it back. */
  resume(who: string, how: 'resume' | 'abort'): Promise<KeyRotation | Failure> {
    return this.#alone(async () => {
      const states = await this.#askAll(who);
      if ('ok' in states) return states;
      const last = lastRotation([...states.values()]);
      if (last === undefined) return fail('KEY_NOTHING', 'no rotation was ever begun');
      const { into, outOf, serial, rotation } = last;
      const order =
        how === 'resume'
          ? { into, outOf, serial, rotation }
          : { into: outOf, outOf: into, serial: serial + 1, rotation: randomUUID() };
      const rings = [...states].map(([, { ring }]) => ring);
      if (nextStep(rings, order) === undefined) return this.#told(states, 'nothing is left to be done');
      const key = this.#ports.sealer.keys().find((one) => fingerprint(one) === order.into);
      const has = [...states].find(([, { ring }]) => ring.includes(order.into))?.[0];
      if (key === undefined)
        return fail(
          'KEY_NOT_HERE',
          `this board does not have the key to go on with; ask ${this.#name(has)}, which has`,
        );
      return this.#carryOut(order, key, who);
    });
  }

  get #self(): BoardId {
    return this.#ports.loaded.board.id;
  }

  #name(board: BoardId | undefined): string {
    return this.#ports.loaded.cluster.boards.find(({ id }) => id === board)?.name ?? 'no board';
  }

  /** Those that left for good are given nothing. */
  #members(): BoardId[] {
    return this.#ports
      .view()
      .boards.filter(({ left }) => left !== true)
      .map(({ board }) => board);
  }

  #own(): KeyState {
    const { sealer } = this.#ports;
    const { serial = 0, rotation = '', into = '', outOf = '' } = sealer.source().kept ?? {};
    return { ring: sealer.keys().map(fingerprint), serial, rotation, into, outOf };
  }

  #told(states: ReadonlyMap<BoardId, KeyState>, message: string): KeyRotation {
    const boards = [...states].map(([board, { ring }]) => ({ board: this.#name(board), keys: [...ring] }));
    return { message, boards };
  }

  async #alone(work: () => Promise<KeyRotation | Failure>): Promise<KeyRotation | Failure> {
    if (this.#rotating) return fail('KEY_UNDER_WAY', 'this board rotates keys already');
    this.#rotating = true;
    try {
      return await work();
    } finally {
      this.#rotating = false;
    }
  }

  /** Step by step, each acknowledged by all, boards in ascending order; what a board has done already is no work. */
  async #carryOut(
    order: Direction & { readonly serial: number; readonly rotation: string },
    key: Buffer,
    who: string,
  ): Promise<KeyRotation | Failure> {
    const under = this.#ports.sealer.keys().find((one) => fingerprint(one) === order.outOf);
    for (;;) {
      const states = await this.#askAll(who);
      if ('ok' in states) return states;
      const step = nextStep(
        [...states].map(([, { ring }]) => ring),
        order,
      );
      if (step === undefined) return this.#told(states, 'every board has the one key');
      this.#ports.context.log.info('key-step', { step, serial: order.serial, into: order.into });
      for (const board of states.keys()) {
        const wrapping = { cluster: this.#ports.loaded.cluster.number, ...order, to: board };
        const wrapped = step === 'install' && under ? { wrapped: wrapKey(key, under, wrapping) } : {};
        const done = await this.#order(board, { step, ...order, ...wrapped }, who);
        if (!done?.ok) {
          const why = done?.message ?? 'it does not answer';
          return fail(
            'KEY_STOPPED',
            `${this.#name(board)} did not ${step} the key: ${why}; softset key rotate --resume, or --abort`,
          );
        }
      }
    }
  }

  /** What every member has; a failure names those that do not answer. */
  async #askAll(who: string): Promise<ReadonlyMap<BoardId, KeyState> | Failure> {
    const states = new Map<BoardId, KeyState>();
    const silent: string[] = [];
    for (const board of this.#members()) {
      const { serial, rotation, into, outOf } = this.#own();
      const done = await this.#order(board, { step: 'ask', serial, rotation, into, outOf }, who);
      if (done) states.set(board, done.keys);
      else silent.push(this.#name(board));
    }
    if (silent.length === 0) return states;
    return fail(
      'KEY_BOARD_SILENT',
      `${silent.join(', ')} does not answer: every board must take each step; nothing was changed by this`,
    );
  }

  /** Repeats an order until it is answered; undefined: it never was. */
  async #order(to: BoardId, order: KeyOrder, who: string): Promise<Done | undefined> {
    const message: Order = { kind: 'key-order', round: randomUUID(), who: who.slice(0, 200), ...order };
    let done: Done | undefined;
    let wake = (): void => undefined;
    this.#waiting = {
      round: message.round,
      settle: (from, answer) => {
        if (from !== to) return;
        done = answer;
        wake();
      },
    };
    for (const untilMs = nowMs() + ORDER_MS; done === undefined && nowMs() < untilMs; ) {
      if (to === this.#self) this.hear(to, message);
      else this.#ports.send(to, message);
      await Promise.race([
        pause(to === this.#self ? ORDER_MS : AGAIN_MS),
        new Promise<void>((resolve) => (wake = resolve)),
      ]);
    }
    this.#waiting = undefined;
    return done;
  }

  /** On this board: on disk first, then netrackd's own keys, then the pulse's; each of them refuses what is a leap. */
  async #obey(order: Order): Promise<Result<void>> {
    if (order.step === 'ask') return ok(undefined);
    const state = this.#own();
    const late = orderRefusal(state, order);
    if (late !== undefined) return refused(late);
    const next = nextRing(state.ring, order.step, order);
    if ('refusal' in next) return refused(next.refusal);
    const keys = this.#keysOf(next.ring, order);
    if (!keys.ok) return keys;
    const { sealer } = this.#ports;
    // Another board's last frame under the key that goes may be a moment old.
    for (const untilMs = nowMs() + PULSE_MS; ; await pause(PULSE_AGAIN_MS)) {
      const judged = sealer.judge(keys.value);
      if (judged.ok) break;
      if (judged.code !== 'KEY_IN_USE' || nowMs() > untilMs) return judged;
    }
    const { serial, rotation, into, outOf, who } = order;
    const kept = {
      over: sealer.source().over,
      keys: keys.value.map((key) => key.toString('hex')),
      serial,
      rotation,
      into,
      outOf,
    };
    const written = await writeKeptKeys(this.#places, kept);
    if (!written.ok) return written;
    const taken = await sealer.reload();
    if (!taken.ok) return taken;
    const changed = next.ring.join() !== state.ring.join();
    if (changed) this.journal?.append({ who, what: `key-${order.step}`, fields: { serial, rotation, into, outOf } });
    return this.#pulseTakes(keys.value);
  }

  #keysOf(ring: readonly string[], order: Order): Result<Buffer[]> {
    const own = new Map(this.#ports.sealer.keys().map((key) => [fingerprint(key), key]));
    const under = own.get(order.outOf);
    const keys: Buffer[] = [];
    for (const one of ring) {
      let key = own.get(one);
      if (key === undefined && order.wrapped !== undefined && under !== undefined) {
        const { number } = this.#ports.loaded.cluster;
        const opened = unwrapKey(order.wrapped, under, { cluster: number, ...order, to: this.#self });
        if (!opened.ok) return opened;
        if (fingerprint(opened.value) === one) key = opened.value;
      }
      if (key === undefined) return fail('KEY_UNREADABLE', 'the order does not bring the key that it names');
      keys.push(key);
    }
    return ok(keys);
  }

  /** It says so itself; one that is away is started with what is on the disk, and then told once more. */
  async #pulseTakes([own, other]: readonly Buffer[]): Promise<Result<void>> {
    const wanted = [own, other].flatMap((key) => (key === undefined ? [] : keyIdOf(key)));
    this.#keyed = undefined;
    let toldMs = Number.NEGATIVE_INFINITY;
    for (const untilMs = nowMs() + PULSE_MS; nowMs() < untilMs; await pause(20)) {
      const keyed = this.#keyed as { own: number; all: readonly number[] } | undefined;
      const has =
        keyed?.own === wanted[0] &&
        keyed?.all.length === wanted.length &&
        wanted.every((id) => keyed?.all.includes(id));
      if (has) return ok(undefined);
      if (nowMs() - toldMs < PULSE_AGAIN_MS) continue;
      toldMs = nowMs();
      hangUp(this.#ports.context.options.runDir, ['netrack-pulse']);
    }
    return fail('KEY_PULSE', 'its pulse did not take the keys: its log says why');
  }
}

function refused(text: string): Result<never> {
  const [code = 'KEY_REFUSED', ...rest] = text.split(': ');
  return fail(code, rest.join(': '));
}
