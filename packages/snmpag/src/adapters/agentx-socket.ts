import { connect, type Socket } from 'node:net';
import { decodeHead, decodePdu } from '../core/agentx/decode.js';
import { encodePdu } from '../core/agentx/encode.js';
import { ERROR } from '../core/agentx/errors.js';
import { AgentxFramer } from '../core/agentx/framer.js';
import type { Pdu } from '../core/agentx/pdu.js';

export interface AgentxHandlers {
  readonly onConnected: () => void;
  /** Once for each connection that was begun, unless it was hung up here. */
  readonly onLost: (why: string) => void;
  readonly onPdu: (pdu: Pdu) => void;
  /** The stream has no boundaries any more. */
  readonly onUnreadable: (code: string) => void;
  /** One PDU could not be read; it was answered with parseError. */
  readonly onBadPdu: (code: string) => void;
}

/** A master that reads nothing at all: it is cut off before our memory goes. */
const OUTBOUND_BYTES_MAX = 16 * 1024 * 1024;

/** The descriptor behind a net.Socket: Node has no public way to it. */
interface WithHandle {
  readonly _handle?: { readonly fd?: number } | null;
}

/** The stream to snmpd, one connection at a time. `address` is `unix:PATH` or `tcp:HOST:PORT`. */
export class AgentxSocket {
  readonly #address: string;
  readonly #handlers: AgentxHandlers;
  #socket: Socket | undefined;

  constructor(address: string, handlers: AgentxHandlers) {
    this.#address = address;
    this.#handlers = handlers;
  }

  connect(): void {
    this.hangUp();
    const [kind = '', ...rest] = this.#address.split(':');
    const path = rest.join(':');
    const [port = ''] = rest.slice(-1);
    const socket =
      kind === 'tcp'
        ? connect({ host: rest.slice(0, -1).join(':'), port: Number(port), noDelay: true })
        : connect(path);
    this.#socket = socket;
    const framer = new AgentxFramer();
    // What an earlier connection still says finds nobody.
    const current = (): boolean => this.#socket === socket;
    let why = 'the master ended the connection';
    socket.on('connect', () => current() && this.#handlers.onConnected());
    socket.on('data', (chunk: Buffer) => current() && this.#receive(framer, chunk, current));
    socket.on('error', (error: NodeJS.ErrnoException) => {
      why = error.code ?? error.message;
    });
    socket.on('close', () => {
      if (!current()) return;
      this.#socket = undefined;
      this.#handlers.onLost(why);
    });
  }

  /** Of the connection, where it is a UNIX socket's. */
  get fd(): number | undefined {
    if (!this.#address.startsWith('unix:')) return undefined;
    return (this.#socket as WithHandle | undefined)?._handle?.fd;
  }

  #receive(framer: AgentxFramer, chunk: Uint8Array, current: () => boolean): void {
    const frames = framer.push(chunk);
    if (!frames.ok) {
      this.#handlers.onUnreadable(frames.code);
      return;
    }
    for (const frame of frames.value) {
      const pdu = decodePdu(frame);
      if (pdu.ok) this.#handlers.onPdu(pdu.value);
      else this.#refuse(frame, pdu.code);
      if (!current()) return;
    }
  }

  /** RFC 2741 §7.1.1: whoever cannot read a PDU says parseError, but not to a Response. */
  #refuse(frame: Uint8Array, code: string): void {
    this.#handlers.onBadPdu(code);
    const head = decodeHead(frame);
    if (!head.ok || head.value.type === RESPONSE) return;
    const { session, transaction, packet, order } = head.value;
    const answer = { kind: 'response', upTimeCs: 0, error: ERROR.parseError, index: 0, varbinds: [] } as const;
    this.send({ session, transaction, packet, order, ...answer });
  }

  /** Sent where there is a connection, else lost: whoever waits for an answer hears of the loss. */
  send(pdu: Pdu): void {
    const socket = this.#socket;
    if (socket === undefined || socket.destroyed) return;
    socket.write(encodePdu(pdu));
    if (socket.writableLength > OUTBOUND_BYTES_MAX) socket.destroy();
  }

  /** What was sent is still delivered. Nothing is said of this connection any more. */
  hangUp(): void {
    const socket = this.#socket;
    this.#socket = undefined;
    if (socket === undefined) return;
    socket.end();
    setTimeout(() => socket.destroy(), LINGER_MS).unref();
  }
}

const RESPONSE = 18;
const LINGER_MS = 200;
