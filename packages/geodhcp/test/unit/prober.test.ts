import { setTimeout as sleep } from 'node:timers/promises';
import { Prober } from '@softset/geodhcp/adapters/prober.js';
import type { ArpPacket } from '@softset/linux/arp.js';
import { expect } from 'chai';

const ours = '02:00:00:00:00:20';
const theirs = '02:00:00:00:00:99';
const ip = '10.1.2.1';
const WINDOW_MS = 60;

function arp(senderMac: string, operation: ArpPacket['operation'] = 'reply', senderIp = ip): ArpPacket {
  return { operation, senderMac, senderIp, targetMac: ours, targetIp: '0.0.0.0' };
}

/** The process stands still, as under SIGSTOP or on a crowded machine: all its timers are due when it goes on. */
function standStill(ms: number): void {
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, ms);
}

describe('the wire is asked who has an address', () => {
  const sent: string[] = [];
  const heard: (string | null)[] = [];
  let prober: Prober;
  beforeEach(() => {
    sent.length = 0;
    heard.length = 0;
    const wire = {
      probe: (network: string, address: string) => void sent.push(`${network} ${address}`),
      mac: () => ours,
    };
    prober = new Prober(wire, () => performance.now());
  });
  afterEach(() => prober.close());
  const ask = (): void => prober.probe('A', ip, WINDOW_MS, (by) => heard.push(by));

  it('three times within the window (RFC 5227 §2.1.1), and silence is told once', async () => {
    ask();
    await sleep(3 * WINDOW_MS);
    expect(sent.slice(0, 3)).to.deep.equal([`A ${ip}`, `A ${ip}`, `A ${ip}`]);
    expect(heard).to.deep.equal([null]);
  });

  it('the first who answers is told at once; our own word, other networks and other addresses count for nothing', () => {
    ask();
    prober.heard('A', arp(ours));
    prober.heard('B', arp(theirs));
    prober.heard('A', arp(theirs, 'reply', '10.1.2.2'));
    prober.heard('A', arp(theirs, 'reverse-request'));
    expect(heard).to.deep.equal([]);
    prober.heard('A', arp(theirs));
    prober.heard('A', arp('02:00:00:00:00:98'));
    expect(heard).to.deep.equal([theirs]);
  });

  it('an answer that came while the process stood still is heard before silence is believed', async () => {
    ask();
    // The reading thread has it, and it waits behind the timers.
    setImmediate(() => prober.heard('A', arp(theirs)));
    standStill(WINDOW_MS + 20);
    for (let i = 0; i < 100 && heard.length === 0; i++) await sleep(5);
    expect(heard).to.deep.equal([theirs]);
  });

  it('a window that was slept through is begun again: the reader slept as well', async () => {
    ask();
    standStill(WINDOW_MS + 100);
    await sleep(20);
    expect(heard, 'nobody listened').to.deep.equal([]);
    prober.heard('A', arp(theirs));
    expect(heard).to.deep.equal([theirs]);
  });

  it('a second question ends the first', async () => {
    ask();
    ask();
    expect(heard).to.deep.equal([null]);
  });
});
