import { execFileSync } from 'node:child_process';
import { createInterface } from 'node:readline';
import { readOverlay } from './overlay.js';
import { type BridgePort, compareOids, type FdbEntry, type Row, rowsOf } from './rows.js';

/*
 * The bridge's forwarding table as BRIDGE-MIB, for snmpd's pass_persist (snmpd.conf(5)): `main.js BRIDGE OVERLAY`.
 * The kernel is asked anew for each question that comes more than 20 ms after it was: what a board just sent is seen. A
 * walk is one question, however long it takes: a switch of 250 ports would be read at each of its rows.
 */
const [bridge = 'br0', overlayPath = '/nonexistent'] = process.argv.slice(2);
const FRESH_MS = 20;
/** Nobody walks for longer over one table. */
const WALK_MS = 2000;

interface KernelPort {
  readonly ifname: string;
  readonly ifindex: number;
  readonly linkinfo?: { readonly info_slave_data?: { readonly no?: string } };
}
interface KernelEntry {
  readonly mac: string;
  readonly ifname: string;
  readonly state?: string;
  readonly flags: readonly string[];
}

const json = (file: string, args: readonly string[]): unknown =>
  JSON.parse(execFileSync(file, args, { encoding: 'utf8', maxBuffer: 64 << 20 }) || '[]');

let rows: readonly Row[] = [];
let readMs = Number.NEGATIVE_INFINITY;
let answeredMs = Number.NEGATIVE_INFINITY;

function table(walks: boolean): readonly Row[] {
  const nowMs = performance.now();
  const goesOn = walks && nowMs - answeredMs < FRESH_MS && nowMs - readMs < WALK_MS;
  if (nowMs - readMs < FRESH_MS || goesOn) return rows;
  const ports = (json('ip', ['-d', '-j', 'link', 'show', 'master', bridge]) as KernelPort[]).map(
    ({ ifname, ifindex, linkinfo }): BridgePort => ({
      name: ifname,
      ifIndex: ifindex,
      basePort: Number(linkinfo?.info_slave_data?.no ?? 0),
    }),
  );
  const fdb = (json('bridge', ['-j', 'fdb', 'show', 'br', bridge]) as KernelEntry[])
    .filter(({ flags }) => !flags.includes('self'))
    .map(({ mac, ifname, state }): FdbEntry => ({ mac, port: ifname, permanent: state === 'permanent' }));
  rows = rowsOf(ports, fdb, readOverlay(overlayPath));
  readMs = performance.now();
  return rows;
}

const say = (...lines: readonly (string | number)[]): void => void process.stdout.write(`${lines.join('\n')}\n`);

let command = '';
createInterface({ input: process.stdin }).on('line', (line) => {
  if (line === 'PING') {
    say('PONG');
  } else if (line === 'get' || line === 'getnext' || line === 'set') {
    command = line;
  } else if (command === 'set') {
    // Its value comes on the next line, and is refused with it.
    command = 'refuse';
  } else if (command === 'refuse') {
    command = '';
    say('not-writable');
  } else if (command !== '') {
    const { delayMs = 0 } = readOverlay(overlayPath);
    if (delayMs > 0) Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, delayMs);
    const found =
      command === 'get'
        ? table(false).find(({ oid }) => oid === line)
        : table(true).find(({ oid }) => compareOids(oid, line) > 0);
    command = '';
    if (found === undefined) say('NONE');
    else say(found.oid, found.type, found.value);
    answeredMs = performance.now();
  }
});
