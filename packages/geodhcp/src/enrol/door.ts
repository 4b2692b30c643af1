import { createServer, type Server, type Socket } from 'node:net';

/** Connections at once; more are closed unheard. */
const CONNECTIONS_MAX = 32;
const RETRY_MS = 1000;

/** The door at which new boards knock: on the control node's own addresses, which may come later than the daemon. */
export class Door {
  readonly #servers = new Set<Server>();
  readonly #sockets = new Set<Socket>();
  readonly #timers = new Set<NodeJS.Timeout>();
  #closed = false;

  constructor(
    addresses: readonly string[],
    port: number,
    onSocket: (socket: Socket) => void,
    onTrouble: (address: string, code: string) => void,
  ) {
    for (const address of addresses) this.#listen(address, port, onSocket, onTrouble);
  }

  #listen(
    host: string,
    port: number,
    onSocket: (socket: Socket) => void,
    onTrouble: (address: string, code: string) => void,
    told = false,
  ): void {
    if (this.#closed) return;
    const server = createServer((socket) => {
      if (this.#sockets.size >= CONNECTIONS_MAX) {
        socket.destroy();
        return;
      }
      this.#sockets.add(socket);
      socket.once('close', () => this.#sockets.delete(socket));
      socket.setNoDelay(true).setKeepAlive(true, 10_000);
      onSocket(socket);
    });
    server.on('error', (error: NodeJS.ErrnoException) => {
      this.#servers.delete(server);
      if (!told) onTrouble(host, error.code ?? 'EIO');
      const timer = setTimeout(() => {
        this.#timers.delete(timer);
        this.#listen(host, port, onSocket, onTrouble, true);
      }, RETRY_MS).unref();
      this.#timers.add(timer);
    });
    this.#servers.add(server);
    server.listen(port, host);
  }

  close(): void {
    this.#closed = true;
    for (const timer of this.#timers) clearTimeout(timer);
    for (const socket of this.#sockets) socket.destroy();
    for (const server of this.#servers) server.close();
  }
}
