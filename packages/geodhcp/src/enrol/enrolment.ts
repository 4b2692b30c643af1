import { randomBytes } from 'node:crypto';
import type { Socket } from 'node:net';
import { fail, type Mac, ok, type Result } from '@softset/base';
import type { EnrolRequest, EnrolToken, NetrackState } from '@softset/protocol';
import { type ControlMessage, decodeJoinMessage } from '@softset/protocol/enrolment.js';
import type { Journal } from '@softset/runtime/journal.js';
import type { Logger } from '@softset/runtime/log.js';
import type { MemberFiles } from '@softset/runtime/member-files.js';
import { nowMs } from '@softset/runtime/now-ms.js';
import { readTokens, writeTokens } from '../adapters/token-file.js';
import { whoIsAlive } from '../core/enrol/alive.js';
import { type Config, type Effect, type Event, empty, type State, TOKENS_MAX } from '../core/enrol/state.js';
import { step } from '../core/enrol/step.js';
import type { Located } from '../core/lookup.js';
import { type Places, placeOf } from '../core/places.js';
import { type Channel, openToBoard } from './channel.js';
import { Door } from './door.js';
import { pskOf } from './secrets.js';

/** From the connection to the question. */
const HELLO_MS = 5000;
/** The newcomer writes its files and lets softset doctor look. */
const TEST_MS = 60_000;
const TICK_MS = 30_000;

export interface EnrolmentParts {
  readonly version: string;
  readonly tokenFile: string;
  /** By the cluster file as it is now. */
  readonly setting: () => {
    readonly port: number | undefined;
    readonly addresses: readonly string[];
    readonly boards: readonly { readonly name: string }[];
    readonly places: Places;
    readonly locate: (mac: Mac) => Promise<Located>;
  };
  readonly parcel: () => Result<MemberFiles>;
  /** By the kernel's neighbour table; '' where it has none. */
  readonly macOf: (address: string) => Mac;
  readonly alarm: (alarm: Extract<Effect, { kind: 'alarm' }>) => void;
  readonly journal: Journal;
  readonly log: Logger;
  readonly crash: (error: unknown) => void;
}

/** Runs the core of enrolment: connections and operators become events, effects are performed in order. */
export class Enrolment {
  readonly #parts: EnrolmentParts;
  #state: State;
  #door: Door | undefined;
  #doorAt = '';
  readonly #channels = new Map<number, Channel>();
  #ids = 0;
  readonly #timer: NodeJS.Timeout;
  #again: NodeJS.Timeout | undefined;

  constructor(parts: EnrolmentParts) {
    this.#parts = parts;
    const tokens = readTokens(parts.tokenFile);
    // Tokens that are not known prove nothing: addresses are given all the same, and a token is soon made anew.
    if (!tokens.ok) parts.log.error('tokens-not-read', { code: tokens.code, message: tokens.message });
    this.#state = empty(tokens.ok ? tokens.value : []);
    this.#timer = setInterval(() => this.#take({ kind: 'tick' }), TICK_MS).unref();
    this.configure();
  }

  /** The cluster file is another one now. */
  configure(): void {
    const { port, addresses } = this.#parts.setting();
    const at = `${port} ${addresses.join(' ')}`;
    if (at === this.#doorAt) return;
    this.#doorAt = at;
    this.#door?.close();
    const trouble = (address: string, code: string): void =>
      this.#parts.log.warn('enrolment-not-open', { address, port, code });
    this.#door =
      port === undefined ? undefined : new Door(addresses, port, (socket) => void this.#serve(socket), trouble);
  }

  onNetrack(state: NetrackState | undefined): void {
    clearTimeout(this.#again);
    const { alive: names = undefined, againMs = undefined } =
      state === undefined ? {} : whoIsAlive(state.boards, this.#state.up, nowMs());
    if (againMs !== undefined) this.#again = setTimeout(() => this.onNetrack(state), againMs).unref();
    const same = JSON.stringify([...(names ?? ['?'])]) === JSON.stringify([...(this.#state.up ?? ['?'])]);
    if (!same) this.#take({ kind: 'view', up: names });
  }

  requests(): readonly EnrolRequest[] {
    return [...this.#state.requests.values()].map(({ id: _, tokenId: __, approvedBy: ___, ...shown }) => shown);
  }

  tokens(): readonly EnrolToken[] {
    return [...this.#state.tokens.values()].map(({ psk: _, ...shown }) => shown);
  }

  /** Errors: `UNKNOWN_CODE`. */
  decide(kind: 'approve' | 'refuse', code: string, who: string): Result<EnrolRequest> {
    const found = this.requests().find((one) => one.code === code && one.state === 'waiting');
    if (found === undefined)
      return fail('UNKNOWN_CODE', `no board waits with the code ${code}: compare it with what the board shows`);
    this.#take({ kind, code, who });
    return ok(found);
  }

  /** The secret is told once, here. Errors: `UNKNOWN_PORT`, `TOO_MANY`, `ENROLMENT_OFF`, errno's names. */
  token(place: string, minutes: number, who: string): Result<{ readonly token: string; readonly untilMs: number }> {
    const { places, port } = this.#parts.setting();
    if (port === undefined) return fail('ENROLMENT_OFF', 'the cluster file has no geodhcp.enrolPort');
    const found = [...places.byAddress.values()].find(({ id }) => id === place);
    if (found === undefined)
      return fail('UNKNOWN_PORT', `${place} is no port of the map; softset geodhcp ports has them`);
    if (this.#state.tokens.size >= TOKENS_MAX) return fail('TOO_MANY', 'too many tokens; revoke some');
    const id = randomBytes(4).toString('hex');
    const secret = randomBytes(16).toString('hex');
    const untilMs = Date.now() + minutes * 60_000;
    const kept = this.#take({ kind: 'token', token: { id, psk: pskOf(secret), place, untilMs }, who });
    return kept.ok ? ok({ token: `${id}.${secret}`, untilMs }) : kept;
  }

  /** Errors: `UNKNOWN_TOKEN`. */
  revoke(id: string, who: string): Result<void> {
    if (!this.#state.tokens.has(id)) return fail('UNKNOWN_TOKEN', `there is no token ${id}`);
    return this.#take({ kind: 'revoke', id, who });
  }

  close(): void {
    clearInterval(this.#timer);
    clearTimeout(this.#again);
    this.#door?.close();
  }

  async #serve(socket: Socket): Promise<void> {
    const id = ++this.#ids;
    const address = (socket.remoteAddress ?? '').replace(/^::ffff:/, '');
    const mac = this.#parts.macOf(address);
    const late = setTimeout(() => socket.destroy(), HELLO_MS);
    const opened = await openToBoard(socket, (token) => {
      // Nobody has the secret of a token that is not there: the first message will not open.
      return this.#state.tokens.get(token)?.psk ?? randomBytes(32).toString('hex');
    });
    if (!opened.ok) {
      clearTimeout(late);
      this.#parts.log.info('enrolment-hello', { peer: address, code: opened.code });
      socket.destroy();
      return;
    }
    const channel = opened.value;
    const first = await channel.next();
    clearTimeout(late);
    const asked = first.ok ? decodeJoinMessage(first.value) : first;
    if (!asked.ok || asked.value.kind !== 'ask') {
      if (!asked.ok && asked.code === 'SEAL_BROKEN') this.#take({ kind: 'forged', address, mac });
      channel.end();
      return;
    }
    this.#channels.set(id, channel);
    const { version, host } = asked.value;
    const { code, tokenId } = channel;
    this.#take({ kind: 'asked', id, code, version, host, address, mac, ...(tokenId === undefined ? {} : { tokenId }) });
    for (;;) {
      const message = await channel.next();
      const said = message.ok ? decodeJoinMessage(message.value) : message;
      if (!said.ok || said.value.kind !== 'tested') break;
      this.#take({ kind: 'tested', id, faults: said.value.faults });
    }
    this.#take({ kind: 'closed', id });
    this.#channels.delete(id);
    channel.end();
  }

  #take(event: Event): Result<void> {
    const config: Config = {
      version: this.#parts.version,
      boards: new Set(this.#parts.setting().boards.map(({ name }) => name)),
    };
    let turn: ReturnType<typeof step>;
    try {
      turn = step(this.#state, event, Date.now(), config);
    } catch (error) {
      this.#parts.crash(error);
      return fail('CRASHED', String(error));
    }
    this.#state = turn.state;
    for (const effect of turn.effects) {
      const done = this.#perform(effect);
      // What was to be on disk first is not: nothing that follows is done, and the newcomer hears why.
      if (!done.ok) {
        const waits = turn.effects.find((one) => one.kind === 'deliver');
        if (waits !== undefined)
          this.#tell(waits.id, { kind: 'refused', code: done.code, message: done.message }, true);
        return done;
      }
    }
    return ok(undefined);
  }

  #perform(effect: Effect): Result<void> {
    switch (effect.kind) {
      case 'keep': {
        const kept = writeTokens(this.#parts.tokenFile, effect.tokens);
        if (!kept.ok) this.#parts.log.error('tokens-not-written', { code: kept.code, message: kept.message });
        return kept;
      }
      case 'locate':
        void this.#locate(effect.id, effect.mac);
        break;
      case 'tell-waiting':
        this.#tell(effect.id, { kind: 'waiting' });
        break;
      case 'deliver': {
        const files = this.#parts.parcel();
        if (!files.ok) {
          this.#parts.log.error('enrolment-files', { code: files.code, message: files.message });
          this.#tell(effect.id, { kind: 'refused', code: files.code, message: 'the control node lacks a file' }, true);
          break;
        }
        this.#tell(effect.id, { kind: 'granted', board: effect.board, files: files.value.files });
        const channel = this.#channels.get(effect.id);
        setTimeout(() => channel?.end(), TEST_MS).unref();
        break;
      }
      case 'tell-done':
        this.#tell(effect.id, { kind: 'done' });
        break;
      case 'turn-away':
        this.#tell(effect.id, { kind: 'refused', code: effect.code, message: effect.message }, true);
        break;
      case 'alarm':
        this.#parts.log.warn('enrolment-alarm', { ...effect });
        this.#parts.alarm(effect);
        break;
      case 'journal':
        this.#parts.journal.append({ who: 'enrolment', what: effect.what, fields: effect.fields });
        this.#parts.log.info(effect.what, effect.fields);
    }
    return ok(undefined);
  }

  #tell(id: number, message: ControlMessage, last = false): void {
    const channel = this.#channels.get(id);
    channel?.send(JSON.stringify(message));
    if (last) channel?.end();
  }

  async #locate(id: number, mac: Mac): Promise<void> {
    const { places, locate } = this.#parts.setting();
    const located = await locate(mac);
    const place = located.kind === 'port' ? placeOf(places, located) : undefined;
    const known = place === undefined || place === 'ambiguous' ? undefined : place;
    const port = located.kind === 'port' ? `${located.switch}/${located.port.name}` : undefined;
    this.#take({
      kind: 'located',
      id,
      ...(port === undefined ? {} : { place: known?.id ?? port }),
      ...(known === undefined ? {} : { board: known.name }),
      addresses: known?.addresses ?? [],
      why:
        port === undefined ? `the switches do not know where it is: ${located.kind}` : `${port} is not in the port map`,
    });
  }
}
