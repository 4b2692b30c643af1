import { spawn } from 'node:child_process';

/** What Kea's perfdhcp(8) says at its end. */
export interface Figures {
  /** DHCP's four messages, so many times a second. */
  readonly rate: number;
  /** Mean of DISCOVER → OFFER and of REQUEST → ACK, together, ms; undefined where nothing was answered. */
  readonly delayMs: number | undefined;
  /** From the beginning to the last ACK, ms; only with `-x t`. */
  readonly lastMs: number | undefined;
  readonly acks: number;
}

/** Reads its report. Undefined: it is none. */
export function readReport(text: string): Figures | undefined {
  const rate = /^Rate: ([\d.]+) 4-way exchanges\/second/m.exec(text);
  const [offers, acks] = ['DISCOVER-OFFER', 'REQUEST-ACK'].map((what) => {
    const from = text.indexOf(`***Statistics for: ${what}***`);
    const part = from < 0 ? '' : text.slice(from);
    return {
      received: Number(/^received packets: (\d+)/m.exec(part)?.[1] ?? 0),
      delayMs: Number(/^avg delay: ([\d.]+) ms/m.exec(part)?.[1] ?? Number.NaN),
    };
  });
  if (rate === null || offers === undefined || acks === undefined) return undefined;
  const delayMs = offers.delayMs + acks.delayMs;
  const stamps = text.slice(text.indexOf('***Timestamps for packets: REQUEST-ACK***'));
  const received = [...stamps.matchAll(/^sent \/ received: [\d.]+ \/ (\d+)\.(\d{6})$/gm)].map(
    ([, seconds, micros]) => Number(seconds) * 1000 + Number(micros) / 1000,
  );
  return {
    rate: Number(rate[1]),
    delayMs: Number.isFinite(delayMs) ? delayMs : undefined,
    lastMs: received.length > 0 ? Math.max(...received) : undefined,
    acks: acks.received,
  };
}

/** Beyond what it is told to take, ms. */
const GRACE_MS = 8000;

/** Runs it in the namespace `load`; throws where it says nothing that can be read. */
export async function perfdhcp(server: string, args: readonly string[], takesMs: number): Promise<Figures> {
  const words = ['netns', 'exec', 'load', 'perfdhcp', '-4', '-l', 'eth0', ...args, server];
  const child = spawn('ip', words, { stdio: ['ignore', 'pipe', 'pipe'], timeout: takesMs + GRACE_MS });
  let text = '';
  for (const stream of [child.stdout, child.stderr]) stream.setEncoding('utf8').on('data', (more) => (text += more));
  await new Promise((resolve, reject) => child.on('close', resolve).on('error', reject));
  const figures = readReport(text);
  if (figures === undefined) throw new Error(`perfdhcp ${args.join(' ')}: ${text.slice(-300)}`);
  return figures;
}
