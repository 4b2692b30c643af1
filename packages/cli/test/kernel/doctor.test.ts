import { type ChildProcess, execFileSync, spawn, spawnSync } from 'node:child_process';
import { chmodSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect } from 'chai';

const program = fileURLToPath(new URL('../../bin/softset.js', import.meta.url));
const cluster = `version: 1
cluster: { name: lab, number: 7, keyFile: cluster.key }
networks:
  A: { subnet: 10.1.0.0/16, device: eth0, multicast: 224.0.0.254 }
  B: { subnet: 20.1.0.0/16, device: eth1, multicast: 224.0.0.254 }
boards:
  cpu-1: { id: 1, A: 10.1.0.1, B: 20.1.0.1, vote: true }
`;

interface Finding {
  readonly code: string;
  readonly found: string;
  readonly severity: 'fault' | 'warning';
  readonly todo: string;
}

/** One board between two switches, and a stranger: in namespaces, without a daemon. */
describe('softset doctor, against planted faults', function () {
  this.timeout(60_000);
  const [board, switches, stranger] = ['board', 'switches', 'stranger'].map(
    (name) => `softset-doctor-${name}-${process.pid}`,
  ) as [string, string, string];
  let folder = '';
  const path = (name: string): string => join(folder, name);
  const ip = (...words: string[]): void => void execFileSync('ip', words, { stdio: ['ignore', 'ignore', 'pipe'] });
  const at = (place: string, ...command: string[]): void => ip('netns', 'exec', place, ...command);
  const set = (name: string, value: number): void =>
    at(board, 'sh', '-c', `echo ${value} > /proc/sys/net/ipv4/conf/${name}`);

  before(() => {
    folder = mkdtempSync(join(existsSync('/dev/shm') ? '/dev/shm' : tmpdir(), 'softset-doctor-'));
    for (const place of [board, switches, stranger]) ip('netns', 'add', place);
    for (const [i, bridge] of (['swa', 'swb'] as const).entries()) {
      at(switches, 'ip', 'link', 'add', bridge, 'type', 'bridge', 'forward_delay', '0');
      at(switches, 'ip', 'link', 'set', bridge, 'up');
      ip('link', 'add', `p-${bridge}`, 'netns', switches, 'type', 'veth', 'peer', 'name', `eth${i}`, 'netns', board);
      at(switches, 'ip', 'link', 'set', `p-${bridge}`, 'master', bridge, 'up');
    }
    ip('link', 'add', 'ps', 'netns', switches, 'type', 'veth', 'peer', 'name', 'eth0', 'netns', stranger);
    at(switches, 'ip', 'link', 'set', 'ps', 'master', 'swa', 'up');
    at(stranger, 'ip', 'link', 'set', 'eth0', 'up');
  });
  after(() => {
    for (const place of [board, switches, stranger]) spawnSync('ip', ['netns', 'delete', place]);
    rmSync(folder, { recursive: true, force: true });
  });
  beforeEach(() => {
    for (const name of ['run', 'state']) mkdirSync(path(name), { recursive: true, mode: 0o750 });
    writeFileSync(path('cluster.yaml'), cluster);
    chmodSync(path('cluster.yaml'), 0o640);
    writeFileSync(path('cluster.key'), `${'5a'.repeat(32)}\n`);
    chmodSync(path('cluster.key'), 0o600);
    for (const [i, address] of ['10.1.0.1/16', '20.1.0.1/16'].entries()) {
      at(board, 'ip', 'link', 'set', `eth${i}`, 'up', 'mtu', '1500', 'multicast', 'on');
      at(board, 'ip', 'address', 'replace', address, 'dev', `eth${i}`);
    }
    for (const [name, value] of [
      ['arp_ignore', 1],
      ['arp_announce', 2],
      ['rp_filter', 2],
    ] as const)
      set(`all/${name}`, value);
  });

  /** `wrap`: what stands in front of the command. */
  function doctor(wrap: readonly string[] = [], name = 'cpu-1'): Finding[] {
    const place = ['--cluster', path('cluster.yaml'), '--run-dir', path('run'), '--state-dir', path('state')];
    const words = [
      'netns',
      'exec',
      board,
      ...wrap,
      process.execPath,
      program,
      'doctor',
      '--json',
      '--board',
      name,
      ...place,
    ];
    const { stdout, stderr, status } = spawnSync('ip', words, { encoding: 'utf8' });
    expect(stderr).to.equal('');
    const told = JSON.parse(stdout) as { ok: boolean; findings: Finding[] };
    expect(status).to.equal(told.ok ? 0 : 1);
    for (const { todo } of told.findings) expect(todo).to.not.equal('');
    return told.findings;
  }
  const codes = (findings: readonly Finding[], which: Finding['severity'] = 'fault'): string[] =>
    findings.filter(({ severity }) => severity === which).map(({ code }) => code);

  it('finds no fault in a board that has none', () => {
    expect(codes(doctor())).to.deep.equal([]);
  });

  /** What is asked by a tool that is not here cannot be found; its test is skipped by name. */
  const tools = (code: string): boolean => {
    const tool = { ADDRESS_CONFLICT: 'arping', NETWORKS_JOINED: 'arping', FIREWALL_DROPS: 'nft' }[code] ?? 'ip';
    return spawnSync('sh', ['-c', `command -v ${tool}`]).status === 0;
  };

  type Plant = () => undefined | (() => void);
  /** A chain of somebody's at input; `rules` begin with its policy. */
  const firewall = (rules: string): (() => void) => {
    const [policy = '', ...lines] = rules.split('; ');
    const chain = `type filter hook input priority 0; ${policy};`;
    at(board, 'nft', `add table inet filter; add chain inet filter input { ${chain} }`);
    for (const line of lines) at(board, 'nft', `add rule inet filter input ${line}`);
    return () => at(board, 'nft', 'delete table inet filter');
  };
  const faults: readonly [code: string, what: string, advice: RegExp, plant: Plant][] = [
    [
      'CLUSTER_FILE',
      'a cluster file with a slip of the pen',
      /^mend \S+cluster\.yaml/,
      () => void writeFileSync(path('cluster.yaml'), cluster.replace('id: 1', 'id: one')),
    ],
    [
      'CLUSTER_FILE',
      'no cluster file',
      /copy it from a board that works; softset init/,
      () => void rmSync(path('cluster.yaml')),
    ],
    [
      'CLUSTER_FILE_WRITABLE',
      'a cluster file that everybody may write',
      /^chmod 0640 \S+cluster\.yaml; chown root:softset/,
      () => void chmodSync(path('cluster.yaml'), 0o666),
    ],
    [
      'KEY_EXPOSED',
      'a key that others may read',
      /^chmod 0600 \S+cluster\.key; .* make a new one/,
      () => void chmodSync(path('cluster.key'), 0o640),
    ],
    [
      'KEY_MISSING',
      'no key',
      /^copy it from another board: .*chown softset: and chmod 0600/,
      () => void rmSync(path('cluster.key')),
    ],
    [
      'KEY_MALFORMED',
      'half a key',
      /^copy it from another board; a new one: .*openssl rand -hex 32/,
      () => void writeFileSync(path('cluster.key'), '5a5a\n'),
    ],
    [
      'FOLDER_MISSING',
      'no run directory',
      /^systemd-tmpfiles --create, or: install -d -m 0750/,
      () => void rmSync(path('run'), { recursive: true }),
    ],
    [
      'FOLDER_EXPOSED',
      'a state directory that everybody may write',
      /^chmod 0750 \S+state$/,
      () => {
        chmodSync(path('state'), 0o777);
        return () => chmodSync(path('state'), 0o750);
      },
    ],
    [
      'DEVICE_MISSING',
      'a device of another name',
      /name the right one \(ip -br link\)/,
      () => {
        at(board, 'ip', 'link', 'set', 'eth1', 'down');
        at(board, 'ip', 'link', 'set', 'eth1', 'name', 'ens9');
        return () => at(board, 'ip', 'link', 'set', 'ens9', 'name', 'eth1');
      },
    ],
    [
      'DEVICE_DOWN',
      'a device that is switched off',
      /^ip link set eth1 up/,
      () => at(board, 'ip', 'link', 'set', 'eth1', 'down') as undefined,
    ],
    [
      'NO_CARRIER',
      'a cable that was pulled',
      /^look at the cable, the port at the switch/,
      () => {
        at(switches, 'ip', 'link', 'set', 'p-swb', 'down');
        return () => at(switches, 'ip', 'link', 'set', 'p-swb', 'up');
      },
    ],
    [
      'ADDRESS_MISSING',
      'no private address',
      /^ip address add 20\.1\.0\.1\/… dev eth1/,
      () => at(board, 'ip', 'address', 'flush', 'dev', 'eth1') as undefined,
    ],
    [
      'ADDRESS_CONFLICT',
      'a stranger with the same address',
      /^find that MAC at the switch \(softset geodhcp locate MAC\)/,
      () => {
        at(stranger, 'ip', 'address', 'add', '10.1.0.1/16', 'dev', 'eth0');
        return () => at(stranger, 'ip', 'address', 'flush', 'dev', 'eth0');
      },
    ],
    [
      'NETWORKS_JOINED',
      'a cable between the two switches',
      /^take away the link between the two switches/,
      () => {
        at(switches, 'ip', 'link', 'add', 'ab', 'type', 'veth', 'peer', 'name', 'ba');
        at(switches, 'ip', 'link', 'set', 'ab', 'master', 'swa', 'up');
        at(switches, 'ip', 'link', 'set', 'ba', 'master', 'swb', 'up');
        return () => at(switches, 'ip', 'link', 'delete', 'ab');
      },
    ],
    [
      'MTU_SMALL',
      'a device that carries 1400 bytes',
      /^ip link set eth0 mtu 1500/,
      () => at(board, 'ip', 'link', 'set', 'eth0', 'mtu', '1400') as undefined,
    ],
    [
      'NO_MULTICAST',
      'a device without multicast',
      /^ip link set eth0 multicast on; or take multicast out/,
      () => at(board, 'ip', 'link', 'set', 'eth0', 'multicast', 'off') as undefined,
    ],
    ['FIREWALL_DROPS', "somebody's firewall", /^let UDP ports 7413, 7414, 7415 through/, () => firewall('policy drop')],
    [
      'FIREWALL_DROPS',
      'a firewall that lets all through but beats',
      /^let UDP ports 7413, 7414, 7415 through/,
      () => firewall('policy accept; udp dport 7000-7413 counter drop'),
    ],
    [
      'FIREWALL_DROPS',
      'a firewall that rejects what it does not know at the end, as firewalld does',
      /^let UDP ports 7413, 7414, 7415 through/,
      () =>
        firewall(
          'policy accept; ct state established,related accept; tcp dport 22 accept; reject with icmpx type no-route',
        ),
    ],
    [
      'ARP_IGNORE',
      'a board that answers on the wrong network',
      /^sysctl -w net\.ipv4\.conf\.all\.arp_ignore=1/,
      () => set('all/arp_ignore', 0) as undefined,
    ],
    [
      'ARP_ANNOUNCE',
      'a board that asks with the wrong address',
      /^sysctl -w net\.ipv4\.conf\.all\.arp_announce=2/,
      () => set('all/arp_announce', 0) as undefined,
    ],
    [
      'RP_FILTER',
      'a strict reverse path filter',
      /^sysctl -w net\.ipv4\.conf\.all\.rp_filter=2/,
      () => void ['all', 'eth0', 'eth1'].map((name) => set(`${name}/rp_filter`, 1)),
    ],
  ];
  for (const [code, what, advice, plant] of faults) {
    it(`names ${what}: ${code}, and nothing else`, function () {
      // Planted, or looked for, by a program of Debian's that this machine has not.
      if (!tools(code)) this.skip();
      const undo = plant();
      try {
        const findings = doctor();
        expect(codes(findings)).to.deep.equal([code]);
        expect(findings.find((one) => one.code === code)?.todo).to.match(advice);
      } finally {
        undo?.();
      }
    });
  }

  it('leaves a firewall alone that lets our ports through, and says of one that it cannot judge what it may drop', function () {
    // Planted by a program of Debian's that this machine has not.
    if (!tools('FIREWALL_DROPS')) this.skip();
    const own = 'ct state established,related accept; iif lo accept';
    const good = firewall(`policy drop; ${own}; iifname { eth0, eth1 } udp dport { 7413, 7414-7415 } accept`);
    try {
      expect(codes(doctor())).to.deep.equal([]);
    } finally {
      good();
    }
    const odd = firewall(`policy drop; ${own}; udp dport 7413-7415 limit rate 100/second accept`);
    try {
      const findings = doctor();
      expect(codes(findings)).to.deep.equal([]);
      expect(codes(findings, 'warning')).to.include('FIREWALL_UNCLEAR');
    } finally {
      odd();
    }
  });

  it('names a board that the cluster file does not know: UNKNOWN_BOARD', () => {
    expect(codes(doctor([], 'cpu-9'))).to.deep.equal(['UNKNOWN_BOARD']);
  });

  it('names a full disk: DISK_FULL', () => {
    const mount = 'mount -t tmpfs -o size=1m,mode=750 tmpfs "$0" && exec "$@"';
    expect(codes(doctor(['unshare', '--mount', 'sh', '-c', mount, path('state')]))).to.deep.equal(['DISK_FULL']);
  });

  describe('where beats go to a group that switches snoop', () => {
    const snooped = cluster.replaceAll('224.0.0.254', '239.1.1.1');
    const querier = (on: 0 | 1): void => {
      for (const bridge of ['swa', 'swb'])
        at(switches, 'ip', 'link', 'set', bridge, 'type', 'bridge', 'mcast_snooping', '1', 'mcast_querier', String(on));
    };
    beforeEach(() => writeFileSync(path('cluster.yaml'), snooped));
    afterEach(() => querier(0));

    it('names the want of a querier, on each network: NO_QUERIER', () => {
      const found = doctor().filter(({ code }) => code === 'NO_QUERIER');
      expect(found.map(({ found: text }) => text.slice(0, 9))).to.deep.equal(['network A', 'network B']);
      for (const { severity, todo } of found) {
        expect(severity).to.equal('warning');
        expect(todo).to.match(/^turn on a querier on a switch of that network, or its IGMP snooping off/);
      }
    });

    it('hears a querier that is there', () => {
      querier(1);
      const findings = doctor();
      expect(codes(findings)).to.deep.equal([]);
      expect(codes(findings, 'warning')).to.not.include('NO_QUERIER');
    });
  });

  it('names a want of real-time permission: NO_REAL_TIME', () => {
    const without = ['prlimit', '--rtprio=0:0', 'setpriv', '--bounding-set=-sys_nice', '--inh-caps=-sys_nice'];
    expect(codes(doctor(without), 'warning')).to.include('NO_REAL_TIME');
  });

  it('names a port that another program serves: PORT_TAKEN', async () => {
    const script = "require('node:dgram').createSocket('udp4').bind(7414, () => console.log('bound'))";
    const thief: ChildProcess = spawn('ip', ['netns', 'exec', board, process.execPath, '-e', script]);
    try {
      await new Promise<void>((done) => thief.stdout?.once('data', () => done()));
      expect(codes(doctor())).to.deep.equal(['PORT_TAKEN']);
    } finally {
      thief.kill('SIGKILL');
    }
  });

  it('changes nothing: no table, no address, no file', () => {
    const seen = (): string =>
      ['nft list ruleset', 'ip address show', `ls -lR --full-time ${folder}`]
        .map((command) => execFileSync('ip', ['netns', 'exec', board, 'sh', '-c', command], { encoding: 'utf8' }))
        .join('\n')
        .replaceAll(/valid_lft.*/g, '');
    const before = seen();
    doctor();
    expect(seen()).to.equal(before);
    expect(readFileSync(path('cluster.yaml'), 'utf8')).to.equal(cluster);
  });
});
