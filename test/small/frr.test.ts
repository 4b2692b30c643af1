import { execFileSync } from 'node:child_process';
import { chmodSync, chownSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect } from 'chai';
import { patience, until } from '../e2e/bench.js';
import { SmallLab } from './small-lab.js';

const daemons = '/usr/lib/frr';
const example = (name: string): string =>
  readFileSync(fileURLToPath(new URL(`../../examples/frr/${name}`, import.meta.url)), 'utf8');
const places = { ctl: '1', 'io-1': '11', 'io-2': '12', router: '254' } as const;
type Place = keyof typeof places;
const boards = ['ctl', 'io-1', 'io-2'] as const;

/** FRR on each board, and on a router that runs nothing of ours; folders are FRR's own user's. */
const topology = (folder: string): string => {
  const daemon = (name: string, conf: string): string =>
    `{ name: frr-${name}, command: [${daemons}/${name}, -u, frr, -g, frr, -f, ${conf}, -i, "${folder}/{board}/${name}.pid", -z, "${folder}/{board}/zserv.api", --vty_socket, "${folder}/{board}", -P, "0", --log, "file:${folder}/{board}/${name}.log"] }`;
  return `
trunk: true
cluster: chassis.yaml
outside: { client: 203.0.113.10/24, gateway: 203.0.113.1, routes: [192.168.1.0/24] }
daemons:
  - ${daemon('zebra', '/dev/null')}
  - ${daemon('bgpd', `"${folder}/{board}.conf"`)}
boards:
  router: { A: 10.1.1.254/16, B: 20.1.1.254/16, outside: 203.0.113.1/24, forward: true }
  ctl: { A: 10.1.1.1/16, B: 20.1.1.1/16 }
  io-1: { A: 10.1.1.11/16, B: 20.1.1.11/16, routes: &outward [{ to: 203.0.113.0/24, via: 10.1.1.254, metric: 200 }, { to: 203.0.113.0/24, via: 20.1.1.254, metric: 300 }], sysctls: &live { net.ipv4.conf.all.ignore_routes_with_linkdown: 1, net.ipv4.conf.default.ignore_routes_with_linkdown: 1 } }
  io-2: { A: 10.1.1.12/16, B: 20.1.1.12/16, routes: *outward, sysctls: *live }
`;
};
/** `edge`, a router that neither listens nor speaks BGP: a command tells it, which fails while the file `deaf` is there. */
const cluster = (folder: string): string => `
version: 1
cluster: { name: frr, number: 4717, keyFile: chassis.key }
timing: { intervalMs: 50, leaseMs: 1250, proofMs: 250 }
networks:
  A: { subnet: 10.1.0.0/16, device: a0, multicast: 224.0.0.254 }
  B: { subnet: 20.1.0.0/16, device: b0, multicast: 224.0.0.254 }
boards:
  ctl: { id: 1, role: control, A: 10.1.1.1, B: 20.1.1.1, vote: true }
  io-1: { id: 2, role: io, A: 10.1.1.11, B: 20.1.1.11, vote: true }
  io-2: { id: 3, role: io, A: 10.1.1.12, B: 20.1.1.12, vote: true }
routers:
  edge: { tell: [/bin/sh, -c, 'test ! -e ${folder}/deaf && echo "$@" >> ${folder}/edge', tell] }
services:
  media: { addresses: [192.168.1.1/32], pool: [io-1, io-2] }
  voice: { addresses: [192.168.1.2/32], pool: [io-2, io-1], announce: [route] }
`;

const missing = existsSync(`${daemons}/bgpd`) ? undefined : `${daemons}/bgpd (Debian package frr)`;
// Its daemons become their own user, which a user namespace of one does not have.
const why = missing ?? (process.getuid?.() === 0 ? undefined : 'root');

describe(`routers that hear where services are by BGP, with FRR, and by a command${why === undefined ? '' : ` (skipped: needs ${why})`}`, function () {
  this.timeout(120_000 * patience);
  let folder: string;
  let chassis: SmallLab;

  before(async function () {
    if (why !== undefined) return this.skip();
    folder = mkdtempSync(join(tmpdir(), 'softset-frr-'));
    chmodSync(folder, 0o711);
    const id = (flag: string): number => Number(execFileSync('id', [flag, 'frr'], { encoding: 'utf8' }));
    for (const [name, host] of Object.entries(places) as [Place, string][]) {
      mkdirSync(join(folder, name));
      chownSync(join(folder, name), id('-u'), id('-g'));
      // The examples as they are, but for the board's own address.
      const text =
        name === 'router' ? example('router.conf') : example('board.conf').replace('10.1.1.11', `10.1.1.${host}`);
      writeFileSync(join(folder, `${name}.conf`), text);
    }
    chassis = await SmallLab.ofTexts(`frr-${process.pid}`, topology(folder), cluster(folder));
    await chassis.untilWell();
  });
  after(async () => {
    await chassis?.stop();
    if (folder !== undefined) rmSync(folder, { recursive: true, force: true });
  });

  const routes = async (): Promise<string> => {
    const { stdout } = await chassis.lab.exec('router', ['ip', '-o', 'route', 'show', 'proto', 'bgp']);
    const via = (ip: string): string => new RegExp(`^${ip} .*via (\\S+)`, 'm').exec(stdout)?.[1] ?? 'nowhere';
    return `${via('192.168.1.1')} ${via('192.168.1.2')}`;
  };
  const told = (media: string, voice: string) =>
    until(`the router reaches media by ${media} and voice by ${voice}`, async () =>
      (await routes()) === `${media} ${voice}` ? true : undefined,
    ).catch(async (error: Error) =>
      expect.fail(`${error.message}, but ${await routes()}; held by ${chassis.holders('media', 'voice')}`),
    );
  const answers = async (...addresses: string[]): Promise<void> => {
    for (const address of addresses) {
      await until(`${address} answers outside`, async () => {
        const { stdout } = await chassis.lab.exec('outside', ['ping', '-c1', '-W1', address]);
        return stdout.includes(' 0% packet loss') ? true : undefined;
      });
    }
  };
  const via = (board = ''): string => `10.1.1.${places[board as Place]}`;
  /** What the edge router was told last of a service: `io-1 10.1.1.11 20.1.1.11 3`, the board, its two addresses, the term. */
  const edge = (service: string): string => {
    const lines = existsSync(join(folder, 'edge')) ? readFileSync(join(folder, 'edge'), 'utf8').split('\n') : [];
    const words = lines.findLast((line) => line.startsWith(`${service} `))?.split(' ') ?? [];
    return words.slice(2).join(' ');
  };
  const edgeTold = (service: string) => {
    const board = chassis.holders(service);
    const wanted = (): string => `${board} ${via(board)} ${via(board).replace('10.', '20.')} ${chassis.state?.term}`;
    return until(`edge is told of ${service} on ${board}`, () => (edge(service) === wanted() ? true : undefined)).catch(
      (error: Error) => expect.fail(`${error.message}: ${wanted()}, but ${edge(service)}`),
    );
  };
  /** Another than this board directs, by its own word: one that stands still goes on saying what it said last. */
  const another = (first: string) =>
    until(`another director than ${first}`, () =>
      boards.some((board) => board !== first && chassis.witness(board).state?.directing === true) ? true : undefined,
    );
  const move = (service: string, board: string): void => {
    const { code, err } = chassis.softset('service', 'move', service, board);
    expect([code, err]).to.deep.equal([0, '']);
  };

  it('the router has a host route to each holder, by its address on network A, and to nobody else', async () => {
    await told('10.1.1.11', '10.1.1.12');
    await answers('192.168.1.1', '192.168.1.2');
    const { stdout } = await chassis.lab.exec('router', ['ip', '-o', 'route', 'show', 'proto', 'bgp']);
    expect(stdout.trim().split('\n')).to.have.length(2);
  });

  it('a planned move: the route follows', async () => {
    move('media', 'io-2');
    await told('10.1.1.12', '10.1.1.12');
    await answers('192.168.1.1');
    move('media', 'io-1');
    await told('10.1.1.11', '10.1.1.12');
    await answers('192.168.1.1');
  });

  it('the holder’s link to A is lost: the route goes by B, and back', async () => {
    await chassis.lab.fault('link-down', 'io-1:A');
    await told('20.1.1.11', '10.1.1.12');
    await answers('192.168.1.1');
    await chassis.lab.heal();
    await told('10.1.1.11', '10.1.1.12');
    await answers('192.168.1.1');
  });

  it('the holder dies: the route follows to who takes over, and stays there when it returns', async () => {
    await chassis.lab.fault('crash', 'io-1');
    await told('10.1.1.12', '10.1.1.12');
    await answers('192.168.1.1', '192.168.1.2');
    await chassis.lab.heal();
    await chassis.untilWell();
    await told('10.1.1.12', '10.1.1.12');
  });

  it('a router that was cut off while a service moved is told again when it is healed', async () => {
    await chassis.lab.fault('partition', 'router|ctl,io-1,io-2');
    await told('nowhere', 'nowhere');
    move('media', 'io-1');
    await chassis.lab.heal();
    await told('10.1.1.11', '10.1.1.12');
    await answers('192.168.1.1', '192.168.1.2');
  });

  it('a router whose bgpd died is told again by all when it is back', async () => {
    const pid = async (): Promise<string> =>
      (await chassis.lab.exec('router', ['cat', `${folder}/router/bgpd.pid`])).stdout;
    const before = await pid();
    await chassis.lab.fault('kill', 'router:frr-bgpd');
    await until('another bgpd', async () => ((await pid()) === before ? undefined : true));
    await told('10.1.1.11', '10.1.1.12');
    await answers('192.168.1.1');
  });

  it('another board directs: what the router was told stands, and it is told of the next move', async () => {
    const first = await until('a director', () => chassis.director);
    await chassis.lab.fault('freeze', first);
    await another(first);
    await chassis.lab.heal();
    await chassis.untilWell();
    const [media, voice] = chassis.holders('media', 'voice').split(' ');
    await told(via(media), via(voice));
    await edgeTold('media');
    await edgeTold('voice');
    const other = media === 'io-1' ? 'io-2' : 'io-1';
    move('media', other);
    await told(via(other), via(voice));
    await edgeTold('media');
    await answers('192.168.1.1', '192.168.1.2');
  });

  it('a router that is told by a command, and does not take it: alarmed, and told when it does', async () => {
    writeFileSync(join(folder, 'deaf'), '');
    move('media', chassis.holders('media') === 'io-1' ? 'io-2' : 'io-1');
    const { text } = await until('ROUTER_NOT_TOLD', () => chassis.alarm('ROUTER_NOT_TOLD'));
    expect(text).to.include('edge').and.include('media');
    rmSync(join(folder, 'deaf'));
    await edgeTold('media');
    await until('no ROUTER_NOT_TOLD', () => (chassis.alarm('ROUTER_NOT_TOLD') === undefined ? true : undefined));
  });

  it('the director dies while the router is cut off: healed, it hears where each service is now', async () => {
    await chassis.lab.fault('partition', 'router|ctl,io-1,io-2');
    const dead = await until('a director', () => chassis.director);
    await chassis.lab.fault('crash', dead);
    await another(dead);
    await until('both are held', () =>
      chassis.holders('media', 'voice').split(' ').includes('-') ? undefined : true,
    ).catch((error: Error) =>
      expect.fail(`${error.message}: ${dead} died; ${chassis.words}; ${chassis.softset('status').out}`),
    );
    await chassis.lab.heal('partition', 'router|ctl,io-1,io-2');
    const [media, voice] = chassis.holders('media', 'voice').split(' ');
    await told(via(media), via(voice));
    await answers('192.168.1.1', '192.168.1.2');
    await chassis.lab.heal();
    await chassis.untilWell();
  });
});
