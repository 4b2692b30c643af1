import { chmodSync } from 'node:fs';
import { createServer, type IncomingMessage, type Server } from 'node:http';
import type { Duplex } from 'node:stream';
import { ok, type Result } from '@softset/base';
import type { Methods } from '@softset/protocol/control.js';
import { type WebSocket, WebSocketServer } from 'ws';
import {
  type AnyMethod,
  ControlConnection,
  type ControlHouse,
  type ControlLimits,
  defaultLimits,
} from './control-connection.js';
import type { Authorize, Caller, ControlRecord, MethodTable, TopicTable } from './control-methods.js';
import type { AnyTopic } from './control-subscription.js';
import { errnoFailure } from './errno.js';
import { type Kernel, linuxKernel } from './kernel.js';
import { clearSocketPath } from './socket-path.js';

/** A request is a line of text; snapshots go the other way. */
const messageBytesMax = 1024 * 1024;
/** A local client sends its few header lines at once. */
const handshakeMs = 5_000;
/** How long clients may take to answer a close before they are cut off. */
const closeMs = 300;

export interface ControlServerOptions<M extends Methods<M>, T> {
  /** Under the run directory, at most 107 bytes. */
  readonly path: string;
  /** Who may open the socket (default 0o660). */
  readonly mode?: number;
  readonly methods: MethodTable<M>;
  readonly topics?: TopicTable<T>;
  readonly authorize: Authorize;
  readonly onConnection?: (caller: Caller) => void;
  /** Told of every method marked `mutation`: see `ControlRecord`. */
  readonly journal?: (record: ControlRecord) => void;
  /** A handler threw, which is a bug; the client has its answer. */
  readonly onError?: (error: unknown, method: string) => void;
  /** Connections at once (default 64); more are answered 503. */
  readonly connectionsMax?: number;
  readonly limits?: Partial<ControlLimits>;
  readonly kernel?: Pick<Kernel, 'peerCredentials'>;
}

export interface ControlServer {
  readonly connections: number;
  /** No new connections; clients are told (1001), and cut off 300 ms later. The socket file is removed. */
  close(): Promise<void>;
}

/**
 * Serves methods and topics as JSON-RPC 2.0 over WebSocket on a UNIX socket.
 * Errors: `SOCKET_IN_USE`, `SOCKET_PATH_TOO_LONG`, `NOT_A_SOCKET`, errno's names.
 */
export async function serveControl<M extends Methods<M>, T = Record<never, never>>(
  options: ControlServerOptions<M, T>,
): Promise<Result<ControlServer>> {
  const { path, authorize, connectionsMax = 64 } = options;
  const kernel = options.kernel ?? (await linuxKernel());
  const cleared = await clearSocketPath(path);
  if (!cleared.ok) return cleared;

  let requests = 0;
  const house: ControlHouse = {
    methods: new Map(Object.entries(options.methods) as [string, AnyMethod][]),
    topics: new Map(Object.entries(options.topics ?? {}) as [string, AnyTopic][]),
    authorize,
    journal: options.journal ?? (() => {}),
    onError: options.onError ?? (() => {}),
    limits: { ...defaultLimits, ...options.limits },
    nextRequest: () => ++requests,
  };
  // Compression would cost more than a local socket's bytes.
  const sockets = new WebSocketServer({ noServer: true, maxPayload: messageBytesMax, perMessageDeflate: false });
  const http = createServer({ headersTimeout: handshakeMs, requestTimeout: handshakeMs }, (_, response) => {
    response.writeHead(426, { upgrade: 'websocket' }).end('a control socket speaks WebSocket\n');
  });
  // Connections that never ask to upgrade count too, or they would use up descriptors.
  http.maxConnections = connectionsMax + 16;

  http.on('upgrade', (request, socket, head) => {
    socket.on('error', () => socket.destroy());
    if (sockets.clients.size >= connectionsMax) {
      refuse(socket, 503, `${connectionsMax} clients are connected`);
      return;
    }
    const caller = callerOf(request, kernel);
    if (!caller.ok) {
      refuse(socket, 403, caller.message);
      return;
    }
    const allowed = authorize(caller.value, { kind: 'connect' });
    if (!allowed.ok) {
      refuse(socket, 403, allowed.message);
      return;
    }
    sockets.handleUpgrade(request, socket, head, (ws: WebSocket) => {
      new ControlConnection(ws, caller.value, house);
      options.onConnection?.(caller.value);
    });
  });

  const listening = await listen(http, path, options.mode ?? 0o660);
  if (!listening.ok) return listening;
  return ok({
    get connections() {
      return sockets.clients.size;
    },
    close: () => close(http, sockets),
  });
}

/** The file is made with the wanted rights: between a bind and a chmod anybody could connect. */
async function listen(http: Server, path: string, mode: number): Promise<Result<void>> {
  const answer = new Promise<Result<void>>((resolve) => {
    http.once('listening', () => resolve(ok(undefined)));
    http.once('error', (error) => resolve(errnoFailure(error, `listen on ${path}`)));
  });
  const before = process.umask(0o777 & ~mode);
  try {
    http.listen(path); // Binds before it returns; only the event comes later.
  } finally {
    process.umask(before);
  }
  const result = await answer;
  if (!result.ok) return result;
  try {
    chmodSync(path, mode); // A default ACL of the folder may have widened or narrowed it.
    return result;
  } catch (error) {
    http.close();
    return errnoFailure(error, `set the mode of ${path}`);
  }
}

/** The descriptor behind a net.Socket: Node has no public way to it. */
interface WithHandle {
  readonly _handle?: { readonly fd?: number } | null;
}

function callerOf(request: IncomingMessage, kernel: Pick<Kernel, 'peerCredentials'>): Result<Caller> {
  const credentials = kernel.peerCredentials((request.socket as WithHandle)._handle?.fd ?? -1);
  if (!credentials.ok) return credentials;
  const given = request.headers['x-softset-name'];
  // It ends up in journals: short, and nothing that could pass for anything else.
  const name = typeof given === 'string' && /^[\w.:@-]{1,64}$/.test(given) ? { name: given } : {};
  return ok({ ...credentials.value, ...name });
}

function refuse(socket: Duplex, status: 403 | 503, why: string): void {
  const reason = status === 403 ? 'Forbidden' : 'Service Unavailable';
  socket.end(`HTTP/1.1 ${status} ${reason}\r\nconnection: close\r\ncontent-type: text/plain\r\n\r\n${why}\n`);
}

async function close(http: Server, sockets: WebSocketServer): Promise<void> {
  const closed = new Promise<void>((resolve) => void http.close(() => resolve()));
  http.closeIdleConnections();
  for (const client of sockets.clients) client.close(1001, 'the daemon stops');
  const cutOff = setTimeout(() => {
    for (const client of sockets.clients) client.terminate();
    http.closeAllConnections();
  }, closeMs);
  await closed;
  clearTimeout(cutOff);
}
