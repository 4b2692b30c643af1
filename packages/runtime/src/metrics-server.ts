import { chmodSync, unlinkSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import { join } from 'node:path';
import type { Logger } from './log.js';
import type { MetricsAddress } from './metrics-address.js';
import { clearSocketPath } from './socket-path.js';

export interface MetricsServerParts {
  readonly address: MetricsAddress;
  readonly runDir: string;
  readonly name: string;
  /** Prometheus text. */
  readonly text: () => string;
  readonly log: Logger;
}

/** A few scrapers; a crowd waits in the kernel and costs the daemon nothing. */
const CONNECTIONS_MAX = 8;
/** Whoever says nothing for so long is hung up on. */
const PATIENCE_MS = 5_000;
const RETRY_MS = 10_000;

/**
 * `GET /metrics` over HTTP, nothing else, and read only. What a daemon is for does not hang on it: where its address
 * cannot be had, that is said, and tried again; a request that fails is the scraper's loss.
 */
export class MetricsServer {
  readonly #parts: MetricsServerParts;
  readonly #server: Server;
  #retry: NodeJS.Timeout | undefined;
  #told = false;
  #closed = false;

  constructor(parts: MetricsServerParts) {
    this.#parts = parts;
    const { text } = parts;
    this.#server = createServer(
      { headersTimeout: PATIENCE_MS, requestTimeout: PATIENCE_MS, keepAliveTimeout: PATIENCE_MS, maxHeaderSize: 4096 },
      ({ method, url }, response) => {
        const known = url === '/metrics' || url?.startsWith('/metrics?') === true;
        const status = !known ? 404 : method === 'GET' || method === 'HEAD' ? 200 : 405;
        const body = status === 200 ? text() : 'GET /metrics\n';
        const type = status === 200 ? 'text/plain; version=0.0.4; charset=utf-8' : 'text/plain; charset=utf-8';
        response.writeHead(status, { 'content-type': type, 'content-length': Buffer.byteLength(body) });
        response.end(method === 'HEAD' ? undefined : body);
      },
    );
    this.#server.maxConnections = CONNECTIONS_MAX;
    this.#server.on('error', (error: NodeJS.ErrnoException) => this.#later(error.code ?? 'EUNKNOWN', error.message));
    this.#server.on('listening', () => {
      if (this.#path !== undefined) chmodSync(this.#path, 0o660);
      parts.log.info('metrics-served', { at: this.#where });
    });
    // Nothing waits for it: a daemon that stops leaves by its own way.
    this.#server.unref();
    void this.#listen();
  }

  get #path(): string | undefined {
    const { address, runDir, name } = this.#parts;
    return address.kind === 'unix' ? (address.path ?? join(runDir, `${name}.metrics.sock`)) : undefined;
  }

  get #where(): string {
    const { address } = this.#parts;
    return this.#path ?? (address.kind === 'tcp' ? `${address.host} port ${address.port}` : '');
  }

  async #listen(): Promise<void> {
    const { address } = this.#parts;
    const path = this.#path;
    if (path !== undefined) {
      const cleared = await clearSocketPath(path);
      if (this.#closed) return;
      if (!cleared.ok) return this.#later(cleared.code, cleared.message);
      this.#server.listen(path);
    } else if (address.kind === 'tcp') this.#server.listen(address.port, address.host);
  }

  #later(code: string, message: string): void {
    if (!this.#told) this.#parts.log.warn('metrics-not-served', { at: this.#where, code, message, againMs: RETRY_MS });
    this.#told = true;
    clearTimeout(this.#retry);
    this.#retry = setTimeout(() => void this.#listen(), RETRY_MS).unref();
  }

  close(): void {
    this.#closed = true;
    clearTimeout(this.#retry);
    this.#server.close();
    this.#server.closeAllConnections();
    try {
      if (this.#path !== undefined) unlinkSync(this.#path);
    } catch {
      // It never stood.
    }
  }
}
