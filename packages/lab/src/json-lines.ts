import { rmSync } from 'node:fs';
import { connect, createServer, type Server } from 'node:net';
import { type Failure, fail, ok, type Result } from '@softset/base';
import { eachLine } from './lines.js';

/**
 * Requests and answers between the lab's own processes: one JSON object per line over a UNIX socket,
 * `{ id, method, params }` answered once by `{ id, result }` or `{ id, code, message }`. These sockets are the test
 * bench's, never the product's: whoever can open one is trusted.
 */
export type Handler = (method: string, params: Record<string, unknown>) => Promise<Result<unknown>> | Result<unknown>;

interface Request {
  readonly id?: unknown;
  readonly method?: unknown;
  readonly params?: unknown;
}

async function answer(line: string, handler: Handler): Promise<string> {
  let request: Request = {};
  let result: Result<unknown>;
  try {
    request = JSON.parse(line) as Request;
    const params = (request.params ?? {}) as Record<string, unknown>;
    result = await handler(String(request.method), params);
  } catch (cause) {
    result = fail('LAB_FAILED', cause instanceof Error ? cause.message : String(cause), cause);
  }
  const { id } = request;
  return JSON.stringify(result.ok ? { id, result: result.value } : { id, code: result.code, message: result.message });
}

/** Serves `handler` at `path`; a socket file of an earlier life is replaced. */
export function serveLines(path: string, handler: Handler): Promise<Server> {
  rmSync(path, { force: true });
  const server = createServer((socket) => {
    socket.on('error', () => socket.destroy());
    eachLine(socket, (line) => {
      void answer(line, handler).then((reply) => socket.writable && socket.write(`${reply}\n`));
    });
  });
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(path, () => resolve(server));
  });
}

/**
 * One request on a connection of its own. Errors: `LAB_UNREACHABLE` (nobody serves the path, or it went away),
 * `LAB_TIMEOUT`, and whatever the other side answers.
 */
export function requestLine<T>(
  path: string,
  method: string,
  params: Record<string, unknown>,
  timeoutMs = 30_000,
): Promise<Result<T>> {
  return new Promise((resolve) => {
    const socket = connect(path);
    const finish = (result: Result<T> | Failure): void => {
      clearTimeout(timer);
      socket.destroy();
      resolve(result);
    };
    const timer = setTimeout(() => finish(fail('LAB_TIMEOUT', `${method}: no answer in ${timeoutMs} ms`)), timeoutMs);
    socket.on('error', (cause) => finish(fail('LAB_UNREACHABLE', `${path}: ${cause.message}`, cause)));
    socket.on('close', () => finish(fail('LAB_UNREACHABLE', `${path}: closed before it answered ${method}`)));
    socket.on('connect', () => socket.write(`${JSON.stringify({ id: 1, method, params })}\n`));
    eachLine(socket, (line) => {
      const reply = JSON.parse(line) as { result?: T; code?: string; message?: string };
      finish(reply.code === undefined ? ok(reply.result as T) : fail(reply.code, reply.message ?? ''));
    });
  });
}
