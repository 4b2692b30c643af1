import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { calmTiming } from '@softset/cli/demo/cluster-file.js';
import type { Observer } from '@softset/lab';
import { openSealer } from '@softset/netrack/adapters/sealer.js';
import { encodeBeat } from '@softset/protocol/beat.js';
import { expect } from 'chai';
import { beatOfIo3 } from '../e2e/beat-of-io3.js';
import { patience, until } from '../e2e/bench.js';
import { pulseReport } from '../e2e/pulse-report.js';
import { SmallLab } from './small-lab.js';

const ADDRESSES = { web: '192.168.1.1', media: '192.168.1.2' } as const;
const BOARDS = ['b1', 'b2', 'b3', 'b4', 'b5'] as const;

/** `count` boards that all vote; a strict service and a fast one between b2 and b3. */
function texts(count: number): [topology: string, cluster: string] {
  const ids = Array.from({ length: count }, (_, i) => i + 1);
  const boards = ids.map((id) => `  b${id}: { A: 10.1.1.${id}/16, B: 20.1.1.${id}/16 }\n`).join('');
  const members = ids.map((id) => `  b${id}: { id: ${id}, A: 10.1.1.${id}, B: 20.1.1.${id}, vote: true }\n`).join('');
  const { intervalMs, leaseMs, proofMs } = calmTiming;
  return [
    `trunk: true\ncluster: chassis.yaml\nboards:\n${boards}`,
    `version: 1
cluster: { name: stories, number: 4711, keyFile: chassis.key }
timing: { intervalMs: ${intervalMs}, leaseMs: ${leaseMs}, proofMs: ${proofMs} }
networks:
  A: { subnet: 10.1.0.0/16, device: a0, multicast: 224.0.0.254 }
  B: { subnet: 20.1.0.0/16, device: b0, multicast: 224.0.0.254 }
boards:
${members}services:
  web: { addresses: [${ADDRESSES.web}/32], pool: [b2, b3], takeover: strict }
  media: { addresses: [${ADDRESSES.media}/32], pool: [b3, b2], takeover: fast }
`,
  ];
}

/** Prints `hears`, and `told` when somebody announces the address unasked (RFC 5227 §3: sender and target alike), then ends. */
const LISTENER = `
const [linux, arp, address] = process.argv.slice(1);
const { openPacket, ETH_P_ARP } = await import(linux);
const { decodeArp } = await import(arp);
const sockets = ['a0', 'b0'].map((device) => openPacket({ device, etherType: ETH_P_ARP }).value);
process.stdout.write('hears ');
setInterval(() => {
  for (const socket of sockets)
    for (let frame = socket.receive(); frame !== undefined; frame = socket.receive()) {
      const one = decodeArp(frame);
      if (one.ok && one.value.senderIp === address && one.value.targetIp === address) {
        process.stdout.write('told');
        process.exit(0);
      }
    }
}, 5);
`;

/** Sends its argument, base64, from b4 to b1's pulse on network A. */
const SENDER = `
const socket = require('node:dgram').createSocket('udp4');
socket.bind({ address: '10.1.1.4' }, () =>
  socket.send(Buffer.from(process.argv[1], 'base64'), 7413, '10.1.1.1', () => socket.close()));
`;

/**
 * The simulator's stories with real daemons (packages/sim/src/scenarios/stories): what chassis.test.ts does not have. The
 * judge on both switches sees every answer for the strict service: never two boards. What a clock of the machine does is not here, for boards of
 * a lab share it.
 */
describe('stories of a chassis: five real boards that all vote', function () {
  this.timeout(180_000 * patience);
  let lab: SmallLab;
  let judge: Observer;

  before(async () => {
    lab = await SmallLab.ofTexts(`stories-${process.pid}`, ...texts(5));
    judge = await lab.lab.observer([ADDRESSES.web]);
    await lab.untilWell();
  });
  after(async () => {
    await judge?.stop();
    await lab?.stop();
  });
  afterEach(async () => {
    await Promise.all(BOARDS.map((board) => rules(board, [])));
    await lab.lab.heal();
    await lab.untilWell();
  });

  const grants = (): string =>
    (lab.state?.services ?? [])
      .map(({ service, holder }) => `${service} ${holder?.board} ${holder?.grant.term}.${holder?.grant.n}`)
      .join(', ');
  const director = () => until('a director', () => lab.director);
  const holder = (service: 'web' | 'media') =>
    until(`a holder of ${service}`, () => (lab.holders(service) === '-' ? undefined : lab.holders(service)));

  async function onlyOne(sinceMs: number): Promise<void> {
    const { holdersMax, unknown } = await judge.read(sinceMs);
    expect(holdersMax, 'boards that answered at one time').to.be.at.most(1);
    expect(unknown).to.deep.equal([]);
  }

  /** What a board's own kernel drops besides, on both devices: `['out', 'numgen …']`; none heals it. */
  async function rules(board: string, lines: readonly (readonly ['in' | 'out', string])[]): Promise<void> {
    const commands = ['add table netdev story', 'delete table netdev story'];
    if (lines.length > 0) commands.push('add table netdev story');
    for (const device of lines.length > 0 ? ['a0', 'b0'] : [])
      for (const way of ['in', 'out'] as const) {
        const hook = way === 'in' ? 'ingress' : 'egress';
        const chain = `${way}_${device}`;
        commands.push(`add chain netdev story ${chain} { type filter hook ${hook} device ${device} priority 0; }`);
        for (const [at, rule] of lines) if (at === way) commands.push(`add rule netdev story ${chain} ${rule} drop`);
      }
    const done = await lab.lab.exec(board, ['nft', commands.join('; ')]);
    expect(done.stderr).to.equal('');
  }

  /** Of these boards neither hears anything of the other, and nobody else is concerned. */
  async function parted(pairs: readonly (readonly [number, number])[]): Promise<void> {
    for (const id of [1, 2, 3, 4, 5]) {
      const others = pairs.flatMap(([a, b]) => (a === id ? [b] : b === id ? [a] : []));
      if (others.length === 0) continue;
      const ips = others.flatMap((other) => [`10.1.1.${other}`, `20.1.1.${other}`]).join(', ');
      await rules(`b${id}`, [
        ['in', `ip saddr { ${ips} }`],
        ['in', `arp saddr ip { ${ips} }`],
      ]);
    }
  }

  it('loss one way: a third of what the director and a holder say is lost on both networks, and nothing moves', async () => {
    const before = grants();
    const sinceMs = judge.mark();
    for (const board of new Set([await director(), await holder('web')]))
      await rules(board, [['out', 'numgen random mod 100 < 33']]);
    await sleep(5000);
    expect(grants()).to.equal(before);
    await onlyOne(sinceMs);
  });

  it('boards 1-2-3-4-5, of which only 3 hears everyone: one directs, each service has one holder, healing is quiet', async () => {
    const sinceMs = judge.mark();
    await parted([
      [1, 4],
      [1, 5],
      [2, 4],
      [2, 5],
    ]);
    await sleep(4000);
    await director();
    await holder('web');
    await holder('media');
    const { term } = lab.state ?? { term: 0 };
    await sleep(2000);
    expect(lab.state?.term, 'it does not flap').to.equal(term);
    await onlyOne(sinceMs);
  });

  it('a holder and another board do not hear each other, and all others hear both: nothing moves', async () => {
    const directs = await director();
    const holders = lab.holders('web', 'media').split(' ');
    // A holder that its director does not hear must fall silent (L1): that is another story.
    const one = holders.find((board) => board !== directs) ?? BOARDS.find((board) => board !== directs) ?? '';
    const other = BOARDS.find((board) => ![directs, one].includes(board)) ?? '';
    const before = grants();
    const sinceMs = judge.mark();
    await parted([[Number(one.slice(1)), Number(other.slice(1))]]);
    await sleep(3000);
    expect(grants()).to.equal(before);
    await onlyOne(sinceMs);
  });

  it('director and deputy stand still at once: those that are left stand at the same moment, and one of them directs', async () => {
    const first = await director();
    const deputy = lab.state?.boards.find(({ board }) => board === lab.state?.deputy)?.name;
    const sinceMs = judge.mark();
    const stopped = [first, deputy ?? BOARDS.find((board) => board !== first) ?? ''];
    await Promise.all(stopped.map((board) => lab.lab.fault('freeze', board)));
    await until('another directs', () =>
      BOARDS.find((board) => !stopped.includes(board) && lab.witness(board).state?.directing === true),
    );
    await sleep(1500);
    await lab.lab.heal();
    await lab.untilWell();
    await onlyOne(sinceMs);
  });

  it('the trunk is cut, and the holder has only the far network left: seen, at most one answers, and it is served again', async () => {
    const who = await holder('web');
    const sinceMs = judge.mark();
    await lab.lab.fault('link-down', `${who}:A`);
    await lab.lab.fault('trunk-down');
    await until('somebody names it', () => {
      const seen = BOARDS.flatMap((board) => lab.witness(board).heardSince(sinceMs));
      return seen.find(({ target }) => target.startsWith(who) || target.includes('trunk'));
    });
    await holder('web');
    await lab.lab.heal();
    await lab.untilWell();
    await onlyOne(sinceMs);
  });

  it('an old incarnation’s late beat is refused and counted, whatever it says', async () => {
    const before = await pulseReport(lab.lab.board('b4').runDir);
    await lab.lab.fault('kill', 'b4:netrack-pulse');
    await until('its next life is heard', async () => {
      const { boards } = await pulseReport(lab.lab.board('b1').runDir);
      const b4 = boards.find(({ board }) => board === 4);
      return b4 && b4.incarnation > before.incarnation && b4.verdict === 'up' ? true : undefined;
    });
    const refused = async () => (await pulseReport(lab.lab.board('b1').runDir)).refused.BEAT_OLD_INCARNATION ?? 0;
    const counted = await refused();
    const sealer = openSealer({ keyFile: join(lab.lab.dir, 'chassis.key') });
    if (!sealer.ok) throw new Error(sealer.message);
    const { boot, incarnation, term } = before;
    const late = { boot, incarnation, sequence: 4_000_000_000, term: term + 1000, director: 4, elected: true };
    const bytes = encodeBeat(beatOfIo3({ ...late, board: 4 }), sealer.value);
    await lab.lab.exec('b4', [process.execPath, '-e', SENDER, Buffer.from(bytes).toString('base64')]);
    await until('it is counted', async () => ((await refused()) > counted ? true : undefined));
    await lab.untilWell();
    expect(lab.state?.term).to.be.lessThan(term + 1000);
  });

  it('a board is back from a reboot without its votes: it abstains, remembers, and counts again', async () => {
    const sinceMs = judge.mark();
    const board = BOARDS.find((one) => one !== lab.director && !lab.holders('web', 'media').includes(one)) ?? 'b5';
    await lab.lab.fault('crash', board);
    for (const name of ['votes', 'register']) rmSync(join(lab.lab.board(board).stateDir, name), { force: true });
    await lab.lab.heal();
    await until('it is amnesiac', () => (lab.witness(board).state?.amnesiac === true ? true : undefined));
    await until('it remembers', () => (lab.witness(board).state?.amnesiac === false ? true : undefined));
    await lab.untilWell();
    await onlyOne(sinceMs);
  });

  it('a partition heals: the survivor announces again, so that whoever listened to the other learns', async () => {
    const who = await holder('media');
    const sinceMs = judge.mark();
    // On the holder's side is one that listens: a board of the pool hears of no public address that it does not hold.
    const others = BOARDS.filter((board) => board !== who && board !== 'b4');
    await lab.lab.fault('partition', `${who},b4|${others.join(',')}`);
    const survivor = await until('another holds it', () => {
      const now = lab.holders('media');
      return now === '-' || now === who ? undefined : now;
    });
    // What follows a take was said by then; what is heard after healing is said for healing.
    await sleep(2500);
    const words = [import.meta.resolve('@softset/linux/packet.js'), import.meta.resolve('@softset/linux/arp.js')];
    const listens = [process.execPath, '--input-type=module', '-e', LISTENER, ...words, ADDRESSES.media];
    const child = await lab.lab.spawn('b4', ['timeout', '60', ...listens]);
    let heard = '';
    child.stdout?.on('data', (text: Buffer) => {
      heard += text.toString();
    });
    await until('somebody listens', () => (heard.includes('hears') ? true : undefined));
    await lab.lab.heal();
    await until('it is announced', () => (heard.includes('told') ? true : undefined));
    expect(await holder('media')).to.equal(survivor);
    await onlyOne(sinceMs);
  });
});

describe('stories of two boards and a witness that votes', function () {
  this.timeout(180_000 * patience);
  let lab: SmallLab;
  let judge: Observer;

  before(async () => {
    lab = await SmallLab.ofTexts(`stories-pair-${process.pid}`, ...texts(3));
    judge = await lab.lab.observer([ADDRESSES.web]);
    await lab.untilWell();
  });
  after(async () => {
    await judge?.stop();
    await lab?.stop();
  });

  for (const withIt of ['b2', 'b3'] as const)
    it(`the two are parted, and the witness is with ${withIt}: it serves both, and the other falls silent`, async () => {
      const sinceMs = judge.mark();
      const other = withIt === 'b2' ? 'b3' : 'b2';
      await lab.lab.fault('partition', `${withIt},b1|${other}`);
      await until(`${withIt} holds both`, () =>
        lab.holders('web', 'media') === `${withIt} ${withIt}` ? true : undefined,
      );
      await lab.lab.heal();
      await lab.untilWell();
      expect((await judge.read(sinceMs)).holdersMax, 'boards that answered at one time').to.be.at.most(1);
    });
});
