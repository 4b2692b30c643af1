import { connect, type Socket } from 'node:net';
import { WebSocket } from 'ws';

/** A client that says what it is told to, malformed or not. */
export class RawClient {
  readonly ws: WebSocket;
  readonly received: Record<string, unknown>[] = [];
  closeCode: number | undefined;
  socket: Socket | undefined;

  private constructor(path: string, headers: Record<string, string>) {
    this.ws = new WebSocket('ws://localhost/', {
      createConnection: () => {
        this.socket = connect(path);
        return this.socket;
      },
      perMessageDeflate: false,
      headers,
      maxPayload: 64 << 20,
    });
    this.ws.on('message', (data) => this.received.push(JSON.parse(data.toString())));
    this.ws.on('close', (code) => {
      this.closeCode = code;
    });
  }

  /** Rejects with the status where the upgrade is refused. */
  static open(path: string, headers: Record<string, string> = {}): Promise<RawClient> {
    const client = new RawClient(path, headers);
    return new Promise((resolve, reject) => {
      client.ws.on('open', () => resolve(client));
      client.ws.on('error', reject);
    });
  }

  send(message: unknown): void {
    this.ws.send(typeof message === 'string' ? message : JSON.stringify(message));
  }

  request(id: number | string, method: string, params?: unknown): void {
    this.send({ jsonrpc: '2.0', id, method, params });
  }

  answers(id: unknown): Record<string, unknown>[] {
    return this.received.filter((message) => message.id === id);
  }

  errorCode(id: unknown): string | undefined {
    const error = this.answers(id)[0]?.error as { data?: { code?: string } } | undefined;
    return error?.data?.code;
  }

  envelopes(): { kind: string; sequence: number; data: unknown }[] {
    return this.received.filter((m) => m.method === 'subscription').map((m) => m.params as never);
  }
}
