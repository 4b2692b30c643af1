import { unwrap } from '@softset/base';
import { parseClusterFile } from '@softset/protocol/cluster-file.js';
import { expect } from 'chai';

/** Three voters, a router, a service and its program: every part of the file, and nothing wrong. */
const GOOD = `version: 1
cluster:
  name: rack-7
  number: 4711
  keyFile: rack.key
networks:
  A: { subnet: 10.1.0.0/16, device: eth0 }
  B:
    subnet: 20.1.0.0/16
    device: eth1
boards:
  cpu-1:
    id: 1
    role: control
    A: 10.1.1.1
    B: 20.1.1.1
    vote: true
  cpu-2: { id: 2, role: control, A: 10.1.1.2, B: 20.1.1.2, vote: true, deviceB: bond0 }
  ccn: { id: 20, A: 10.1.1.20, B: 20.1.1.20, vote: true }
  router-1: { id: 3, role: router, A: 10.1.1.254, B: 20.1.1.254, disk: false }
gateway: router-1
outside: [203.0.113.0/24]
services:
  media:
    addresses: [192.168.1.1/32, '2001:DB8::1/128']
    pool: [cpu-2, cpu-1]
    programs: [echo]
programs:
  echo:
    command: [/usr/bin/echo-server, --quiet]
    probe: { udp: { port: 7 } }
  logger:
    command: [/usr/bin/logger]
    boards: [ccn]
`;

/** The good file with one text changed; a change that finds nothing would test nothing. */
function changed(...changes: readonly (readonly [string, string])[]): string {
  return changes.reduce((text, [from, to]) => {
    expect(GOOD, 'the text to change').to.contain(from);
    return text.replace(from, to);
  }, GOOD);
}

function complaints(text: string): string[] {
  const parsed = parseClusterFile(text, 'rack.yaml');
  if (parsed.ok) return [];
  expect(parsed.code).to.equal('CLUSTER_FILE_INVALID');
  return parsed.message.split('\n');
}

describe('the cluster file', () => {
  describe('that is good', () => {
    const cluster = unwrap(parseClusterFile(GOOD, 'rack.yaml'));

    it('gives boards ascending by id, with the devices of their networks and the defaults', () => {
      expect(cluster.boards.map(({ name, id }) => [name, id])).to.deep.equal([
        ['cpu-1', 1],
        ['cpu-2', 2],
        ['router-1', 3],
        ['ccn', 20],
      ]);
      expect(cluster.boards[1]).to.deep.equal({
        name: 'cpu-2',
        id: 2,
        role: 'control',
        addresses: { A: '10.1.1.2', B: '20.1.1.2' },
        devices: { A: 'eth0', B: 'bond0' },
        vote: true,
        disk: true,
      });
      expect(cluster.boards[2]?.vote, 'a vote is given, not had').to.equal(false);
      expect(cluster.boards[3]?.role).to.equal('node');
    });

    it('gives timing, ports and networks their documented defaults', () => {
      expect(cluster.timing).to.deep.equal({ intervalMs: 10, leaseMs: 250, proofMs: 50 });
      expect(cluster.ports).to.deep.equal({ beat: 7413, relay: 7414, alert: 7415 });
      expect(cluster.networks.A).to.deep.equal({ subnet: { ip: '10.1.0.0', length: 16 } });
      expect(cluster.gateway).to.equal(3);
      expect(cluster.outside).to.deep.equal([{ ip: '203.0.113.0', length: 24 }]);
    });

    it('gives services canonical addresses and a pool in the order of preference', () => {
      expect(cluster.services).to.deep.equal([
        {
          name: 'media',
          index: 0,
          addresses: [
            { ip: '192.168.1.1', length: 32 },
            { ip: '2001:db8::1', length: 128 },
          ],
          pool: [2, 1],
          redundancy: '2n',
          programs: ['echo'],
          takeover: 'fast',
          announce: ['arp', 'route'],
          failback: 'manual',
        },
      ]);
    });

    it('runs a program where its service can be, or where the file says', () => {
      const [echo, logger] = cluster.programs;
      expect([echo?.service, echo?.boards]).to.deep.equal(['media', [1, 2]]);
      expect(echo?.probe).to.include({ intervalMs: 500, timeoutMs: 250, fall: 3, graceMs: 2000 });
      expect(echo?.giveUp).to.deep.equal({ deaths: 3, withinMs: 10_000 });
      expect(echo?.stop).to.deep.equal({ signal: 'TERM', timeoutMs: 3000 });
      expect([logger?.service, logger?.boards]).to.deep.equal([undefined, [20]]);
    });

    it('is plain data: it comes back from JSON unchanged', () => {
      expect(JSON.parse(JSON.stringify(cluster))).to.deep.equal(cluster);
    });
  });

  describe('is refused with file, line and field', () => {
    const vote = ['    vote: true\n', ''] as const;
    const cases: readonly (readonly [title: string, text: string, complaint: string])[] = [
      ['an unknown field at the top', `${GOOD}serivces: {}\n`, 'rack.yaml:35: serivces: unknown field'],
      [
        'an unknown field of a board',
        changed(['    role: control\n', '    role: control\n    votes: 2\n']),
        'rack.yaml:15: boards.cpu-1.votes: unknown field',
      ],
      [
        'a board id that two boards have',
        changed(['id: 20', 'id: 2']),
        "rack.yaml:19: boards.ccn.id: board id 2 is cpu-2's already; each board needs its own",
      ],
      [
        'a board id past 64',
        changed(['id: 20', 'id: 65']),
        'rack.yaml:19: boards.ccn.id: Too big: expected number to be <=64',
      ],
      [
        'an address that two boards have',
        changed(['A: 10.1.1.20', 'A: 10.1.1.2']),
        "rack.yaml:19: boards.ccn.A: 10.1.1.2 is cpu-2 on A's address already",
      ],
      [
        'an address outside its network',
        changed(['B: 20.1.1.1\n', 'B: 20.2.1.1\n']),
        'rack.yaml:16: boards.cpu-1.B: 20.2.1.1 is outside network B (20.1.0.0/16)',
      ],
      [
        'a public address that is a private one of a board',
        changed(['192.168.1.1/32', '10.1.1.1/32']),
        "rack.yaml:25: services.media.addresses[0]: 10.1.1.1 is cpu-1 on A's address already",
      ],
      [
        'a public address of two services',
        changed(['programs:\n  echo', '  voice: { addresses: [192.168.1.1/32], pool: [cpu-1] }\nprograms:\n  echo']),
        "rack.yaml:28: services.voice.addresses[0]: 192.168.1.1 is service media's address already",
      ],
      [
        'a network without prefix length',
        changed(['subnet: 20.1.0.0/16', 'subnet: 20.1.0.0']),
        'rack.yaml:9: networks.B.subnet: "20.1.0.0" needs a prefix length, like 192.0.2.1/24 or 2001:db8::1/64',
      ],
      [
        'a prefix length that no address has',
        changed(['192.168.1.1/32', '192.168.1.1/33']),
        'rack.yaml:25: services.media.addresses[0]: "192.168.1.1/33" needs a prefix length, like 192.0.2.1/24 or 2001:db8::1/64',
      ],
      ['an address that is none', changed(['A: 10.1.1.20', 'A: 10.1.1.256']), 'rack.yaml:19: boards.ccn.A: '],
      [
        'a board in a pool that is not there',
        changed(['pool: [cpu-2, cpu-1]', 'pool: [cpu-2, cpu-3]']),
        'rack.yaml:26: services.media.pool[1]: unknown board "cpu-3"; known: ccn, cpu-1, cpu-2, router-1',
      ],
      [
        'a board that is twice in a pool',
        changed(['pool: [cpu-2, cpu-1]', 'pool: [cpu-2, cpu-2]']),
        'rack.yaml:26: services.media.pool[1]: cpu-2 is in this pool already',
      ],
      [
        'a program that is not there',
        changed(['programs: [echo]', 'programs: [ehco]']),
        'rack.yaml:27: services.media.programs[0]: unknown program "ehco"; known: echo, logger',
      ],
      [
        'a program of two services',
        changed([
          'programs:\n  echo',
          '  voice: { addresses: [192.168.1.2/32], pool: [cpu-1], programs: [echo] }\nprograms:\n  echo',
        ]),
        'rack.yaml:28: services.voice.programs[0]: program echo belongs to service media already',
      ],
      [
        'a program that nobody would run',
        changed(['    boards: [ccn]\n', '']),
        'rack.yaml:32: programs.logger: belongs to no service and names no boards, so nothing would run it',
      ],
      [
        'a program on a board that is not there',
        changed(['boards: [ccn]', 'boards: [ccm]']),
        'rack.yaml:34: programs.logger.boards[0]: unknown board "ccm"; known: ccn, cpu-1, cpu-2, router-1',
      ],
      [
        'a command that a path would have to be searched for',
        changed(['[/usr/bin/logger]', '[logger]']),
        'rack.yaml:33: programs.logger.command[0]: "logger" is not an absolute path',
      ],
      [
        'a probe of no kind',
        changed(['probe: { udp: { port: 7 } }', 'probe: { fall: 2 }']),
        'rack.yaml:31: programs.echo.probe: needs exactly one of udp, tcp, http, exec',
      ],
      [
        'a probe of both kinds',
        changed(['probe: { udp: { port: 7 } }', 'probe: { udp: { port: 7 }, tcp: { port: 7 } }']),
        'rack.yaml:31: programs.echo.probe: needs exactly one of udp, tcp, http, exec',
      ],
      ...(
        [
          ['ready: {}', 'ready.by: says probe, and there is none'],
          ['ready: { by: notify }', 'ready.by: says notify: needs the entry notify, such as {}'],
          ['ready: { by: port }', 'ready.port: belongs to by: port, and is needed there'],
          ['ready: { by: delay }', 'ready.delayMs: belongs to by: delay, and is needed there'],
          ['pause: { minMs: 9, maxMs: 8 }', 'pause.minMs: is above maxMs'],
          ['directory: run', 'directory: "run" is not an absolute path'],
          ['stop: { dump: { command: [gcore] } }', 'stop.dump.command[0]: "gcore" is not an absolute path'],
          ['trouble: { log: { warn: "(" } }', 'trouble.log.warn: SyntaxError'],
          ['trouble: { status: { warn: slow } }', 'trouble.status: needs the entry notify, such as {}'],
          ['trouble: { probeMs: { warn: 9 } }', 'trouble.probeMs: needs a probe'],
          ['exits: { final: [256] }', 'exits.final[0]: '],
          ['exits: { final: [SIGTERM] }', 'exits.final[0]: '],
          ['run: { umask: "8" }', 'run.umask: must be three octal digits'],
          ['pidFile: run/x.pid', 'pidFile: must be an absolute path'],
        ] as const
      ).map(
        ([field, complaint]) =>
          [
            field,
            changed(['boards: [ccn]', `boards: [ccn]\n    ${field}`]),
            `rack.yaml:35: programs.logger.${complaint}`,
          ] as const,
      ),
      [
        'two votes without a witness',
        changed(vote),
        'rack.yaml:11: boards: two votes cannot outlive a cut: give a third board vote: true as a witness, or say cluster.splitBrain: accepted',
      ],
      [
        'no vote at all',
        changed(vote, [', vote: true, deviceB', ', deviceB'], ['B: 20.1.1.20, vote: true', 'B: 20.1.1.20']),
        'rack.yaml:11: boards: no board has a vote; give one or, better, three boards vote: true',
      ],
      [
        'a voter without a disk (T7)',
        changed(['    vote: true\n', '    vote: true\n    disk: false\n']),
        'rack.yaml:17: boards.cpu-1.vote: a board without a disk forgets its votes at each boot, so it cannot vote',
      ],
      [
        'a proof of less than three beats (L2)',
        `${GOOD}timing: { proofMs: 29 }\n`,
        'rack.yaml:35: timing.proofMs: 29 ms is less than three beats of 10 ms: one late beat would silence a director',
      ],
      [
        'a lease of less than four proofs (L5)',
        `${GOOD}timing:\n  leaseMs: 199\n`,
        'rack.yaml:36: timing.leaseMs: 199 ms is less than four times proofMs (50 ms): a director could not be replaced within a lease',
      ],
      [
        'a gateway that is not there',
        changed(['gateway: router-1', 'gateway: router-2']),
        'rack.yaml:21: gateway: unknown board "router-2"',
      ],
      [
        'outside prefixes without a gateway',
        changed(['gateway: router-1\n', '']),
        'rack.yaml:21: outside: needs a gateway to lead there',
      ],
      [
        'a missing part',
        changed(['networks:\n  A: { subnet: 10.1.0.0/16, device: eth0 }\n', 'networks:\n']),
        'rack.yaml:6: networks.A: ',
      ],
      [
        'a name with capitals',
        changed(['name: rack-7', 'name: Rack-7']),
        'rack.yaml:3: cluster.name: must be 1 to 32 of a-z, 0-9 and -, beginning with a letter',
      ],
      ['another version', changed(['version: 1', 'version: 2']), 'rack.yaml:1: version: '],
      ['broken YAML', changed(['id: 1\n', 'id: [1\n']), 'rack.yaml:14: Flow sequence'],
      [
        'a key that is there twice',
        changed(['    A: 10.1.1.1\n', '    A: 10.1.1.1\n    A: 10.1.1.3\n']),
        'rack.yaml:16: Map keys must be unique',
      ],
      ['an empty file', '', 'rack.yaml:1: '],
      ['a list in place of a file', '- 1\n- 2\n', 'rack.yaml:1: '],
    ];
    for (const [title, text, complaint] of cases) {
      it(title, () => {
        const found = complaints(text);
        expect(
          found.some((line) => line.startsWith(complaint)),
          found.join('\n'),
        ).to.equal(true);
      });
    }

    it('each thing that is wrong, not only the first', () => {
      const found = complaints(
        changed(['id: 20', 'id: 2'], ['boards: [ccn]', 'boards: [ccm]'], ['gateway: router-1', 'gateway: ccm']),
      );
      expect(found.map((line) => line.split(': ').slice(0, 2).join(': '))).to.deep.equal([
        'rack.yaml:19: boards.ccn.id',
        'rack.yaml:34: programs.logger.boards[0]',
        'rack.yaml:21: gateway',
      ]);
    });
  });

  describe('takes what only looks wrong', () => {
    it('two votes where the operator accepts a split', () => {
      expect(
        complaints(
          changed(['    vote: true\n', ''], ['  keyFile: rack.key\n', '  keyFile: rack.key\n  splitBrain: accepted\n']),
        ),
      ).to.deep.equal([]);
    });

    it('the timing that is just enough: three beats a proof, four proofs a lease', () => {
      expect(complaints(`${GOOD}timing: { intervalMs: 20, proofMs: 60, leaseMs: 240 }\n`)).to.deep.equal([]);
    });

    it('sixty-four services, and not one more (their bits fill the beat)', () => {
      const services = (count: number): string =>
        Array.from(
          { length: count },
          (_, i) => `  s${i}: { addresses: [192.168.2.${i + 1}/32], pool: [cpu-1] }\n`,
        ).join('');
      expect(complaints(changed(['services:\n', `services:\n${services(63)}`]))).to.deep.equal([]);
      expect(complaints(changed(['services:\n', `services:\n${services(64)}`]))).to.deep.equal([
        "rack.yaml:23: services: 65 services; at most 64 fit the beat's lease bitmap",
      ]);
    });
  });
});
