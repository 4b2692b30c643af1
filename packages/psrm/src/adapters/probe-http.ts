import { connect } from 'node:net';
import type { Program } from '@softset/protocol';
import { type Answer, answerOf } from './answer.js';

type Http = NonNullable<NonNullable<Program['probe']>['http']>;

/** `HTTP/1.1 200 OK` and an end of line: more is not needed, and no more is read. */
const statusLineMax = 1024;

/**
 * One GET (RFC 9112 §3), of whose answer only the status line is read (§4): `node:http` would cost psrmd memory, which
 * every start of a program waits for. A redirection is an answer with its own status. Returns what ends it.
 */
export function askHttp(target: Http, settle: (answer: Answer) => void): () => void {
  const { address, port, path, statusMin, statusMax } = target;
  const host = target.host ?? (address.includes(':') ? `[${address}]` : address);
  const socket = connect({ host: address, port });
  let line = '';
  socket.setEncoding('latin1');
  socket.on('connect', () =>
    socket.write(`GET ${path} HTTP/1.1\r\nHost: ${host}\r\nUser-Agent: softset-psrmd\r\nConnection: close\r\n\r\n`),
  );
  socket.on('data', (text: string) => {
    line += text;
    const end = line.indexOf('\n');
    if (end < 0 && line.length <= statusLineMax) return;
    const status = readStatus(line.slice(0, Math.max(end, 0)));
    settle(status !== undefined && status >= statusMin && status <= statusMax ? 'answered' : 'missed');
  });
  socket.on('error', (error) => settle(answerOf(error)));
  socket.on('close', () => settle('missed')); // Before a whole line came.
  return () => socket.destroy();
}

/** Total: undefined where it is no HTTP. */
export function readStatus(line: string): number | undefined {
  const found = /^HTTP\/1\.[01] (\d{3})(?: |\r?$)/.exec(line);
  return found ? Number(found[1]) : undefined;
}
