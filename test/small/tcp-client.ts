import { expect } from 'chai';
import type { SmallLab } from './small-lab.js';

/** The port of the lab's TCP program, which answers a connection with its board's name. */
export const tcpPort = 8007;

/** Listens on both families, as a standby too: only the address decides who is asked. */
export const tcpServer = `require('node:net').createServer((one) => one.on('error', () => {}).end(process.env.SOFTSET_BOARD)).listen(${tcpPort}, '::')`;

/**
 * One attempt to connect every 20 ms for so many ms; when all have ended, what became of them, as JSON. An attempt is
 * lost when it is refused, unreachable or without an answer for 8 s; one that is answered late is not: that is what TCP
 * repeats itself for.
 */
const tcpClient = `
const { connect } = require('node:net');
const [address, ms] = process.argv.slice(1);
const told = { attempts: 0, connected: 0, lost: [], slowestMs: 0, boards: [] };
const attempt = () => {
  const startMs = performance.now();
  told.attempts++;
  const one = connect(${tcpPort}, address);
  let open = false;
  one.setTimeout(8000, () => one.destroy(new Error('timeout')));
  one.on('connect', () => {
    open = true;
    told.connected++;
    told.slowestMs = Math.max(told.slowestMs, Math.round(performance.now() - startMs));
  });
  one.on('error', (error) => open || told.lost.push(error.code ?? error.message));
  one.on('data', (bytes) => told.boards.includes(String(bytes)) || told.boards.push(String(bytes)));
};
const timer = setInterval(attempt, 20);
setTimeout(() => clearInterval(timer), Number(ms));
process.on('exit', () => console.log(JSON.stringify(told)));
`;

interface Connected {
  readonly attempts: number;
  readonly connected: number;
  readonly lost: readonly string[];
  readonly slowestMs: number;
  /** Who answered, in order. */
  readonly boards: readonly string[];
}

/** From the client beyond the router; of an IPv6 address from `ctl`, which is on the segment. */
export async function connects({ lab }: SmallLab, address: string, ms = 300): Promise<Connected> {
  const place = address.includes(':') ? 'ctl' : 'outside';
  const { stdout, stderr } = await lab.exec(place, [process.execPath, '-e', tcpClient, address, `${ms}`]);
  expect(stderr).to.equal('');
  return JSON.parse(stdout) as Connected;
}

/** Each answers to new callers, from that board and no other. */
export async function answers(chassis: SmallLab, addresses: Readonly<Record<string, string>>): Promise<void> {
  const told = await Promise.all(
    Object.entries(addresses).map(async ([address, board]) => ({
      ...{ address, board },
      ...(await connects(chassis, address)),
    })),
  );
  for (const { address, board, attempts, connected, lost, boards } of told) {
    expect(lost, address).to.deep.equal([]);
    expect(connected, address).to.equal(attempts).and.be.greaterThan(0);
    expect(boards, address).to.deep.equal([board]);
  }
}
