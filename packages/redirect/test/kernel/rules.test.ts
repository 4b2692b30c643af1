import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { ok, unwrap } from '@softset/base';
import { connectControl } from '@softset/client/control-client.js';
import type { Alarm, NetrackState, RulesMethods } from '@softset/protocol';
import { type ControlServer, serveControl } from '@softset/runtime/control-server.js';
import { Topic } from '@softset/runtime/topic.js';
import { expect } from 'chai';
import { board, held, state } from '../fixture.js';

const bin = (name: string): string =>
  join(fileURLToPath(import.meta.resolve('@softset/redirect/main.js')), `../../bin/${name}.js`);

const clusterFile = `version: 1
cluster: { name: chassis, number: 4711, keyFile: chassis.key }
networks:
  A: { subnet: 10.1.0.0/16, device: redirect-none-a }
  B: { subnet: 20.1.0.0/16, device: redirect-none-b }
boards:
  cpu-1: { id: 1, A: 10.1.1.1, B: 20.1.1.1, vote: true }
  cpu-2: { id: 2, A: 10.1.1.2, B: 20.1.1.2 }
services:
  media: { addresses: [192.168.1.1/32], pool: [cpu-1, cpu-2] }
`;
const relieve = `version: 1
rules:
  - name: relieve
    when: { all: [board.cpu-1.health >= 5, service.media.holder is cpu-1] }
    do:
      - choose: { target: pool of media }
      - move: { service: media, to: $target }
      - run: { command: page, args: [moved] }
commands:
  page: { run: [/bin/sh, -c, "echo $0 $SOFTSET_RULE"] }
`;

interface Served {
  readonly service: string;
  readonly board: number;
  readonly cause: string;
}

/** What of netrackd redirectd speaks to: its socket is real, its words are the test's. */
class Netrackd {
  readonly served: Served[] = [];
  readonly alarms: Alarm[] = [];
  #now: NetrackState = state({ boards: [board(1), board(2)], services: [held('media', 1)] });
  #grants = 1;
  readonly #topic = new Topic<NetrackState | null, NetrackState>({ snapshot: () => this.#now });
  #server: ControlServer | undefined;

  async listen(path: string): Promise<void> {
    const any = (params: unknown) => ok(params as never);
    const none = () => ({});
    this.#server = unwrap(
      await serveControl({
        path,
        authorize: () => ok(undefined),
        methods: {
          serve: {
            decode: any,
            handle: (params: Served) => {
              this.served.push(params);
              return { grant: { term: 1, n: ++this.#grants } };
            },
          },
          alarm: { decode: any, handle: ({ alarm }: { alarm: Alarm }) => ({ n: this.alarms.push(alarm) }) },
          wished: { decode: any, handle: none },
          outcome: { decode: any, handle: none },
          confirmTerm: { decode: any, handle: none },
        } as never,
        topics: {
          state: this.#topic,
          agent: new Topic({ snapshot: () => null }),
          wishes: new Topic({ snapshot: () => null }),
          programOrders: new Topic({ snapshot: () => null }),
        } as never,
      }),
    );
  }

  tell(part: Partial<NetrackState>): void {
    this.#now = { ...this.#now, ...part };
    this.#topic.publish(this.#now);
  }

  /** The move that was asked for is done. */
  hold(service: string, on: number): void {
    this.tell({ services: [{ ...held(service, on, this.#grants), cause: this.served.at(-1)?.cause ?? '' }] });
  }

  close(): Promise<void> | undefined {
    return this.#server?.close();
  }
}

async function until(what: string, is: () => boolean, limitMs = 10_000): Promise<void> {
  for (let waitedMs = 0; !is(); waitedMs += 20) {
    if (waitedMs > limitMs) throw new Error(`${what}: not within ${limitMs} ms`);
    await sleep(20);
  }
}

describe('redirectd with rules files', function () {
  this.timeout(60_000);
  let folder: string;
  let netrackd: Netrackd;
  const children: ChildProcess[] = [];

  beforeEach(async () => {
    folder = mkdtempSync(join(tmpdir(), 'rules-'));
    for (const name of ['run', 'state', 'rules']) mkdirSync(join(folder, name));
    writeFileSync(join(folder, 'cluster.yaml'), clusterFile);
    netrackd = new Netrackd();
    await netrackd.listen(join(folder, 'run/netrackd.sock'));
  });
  afterEach(async () => {
    for (const child of children.splice(0)) child.kill('SIGKILL');
    await netrackd.close();
    rmSync(folder, { recursive: true, force: true });
  });

  const write = (text: string): void => writeFileSync(join(folder, 'rules/own.yaml'), text);
  const journal = (): string => {
    try {
      return readFileSync(join(folder, 'state/redirectd.journal'), 'utf8');
    } catch {
      return '';
    }
  };
  function start(...more: string[]): ChildProcess {
    const where = ['--cluster', join(folder, 'cluster.yaml'), '--board', 'cpu-1', '--run-dir', join(folder, 'run')];
    const args = [bin('redirectd'), ...where, '--state-dir', join(folder, 'state'), '--log-level', 'error', ...more];
    const child = spawn(process.execPath, args, { stdio: 'ignore' });
    children.push(child);
    return child;
  }
  function tool(...args: string[]) {
    const done = spawnSync(process.execPath, [bin('redirect-rules'), ...args], { encoding: 'utf8' });
    return { code: done.status, out: done.stdout, err: done.stderr };
  }

  it('a changed fact moves a service through the director; why, replay and the journal tell of it', async () => {
    write(relieve);
    start();
    await until('facts', () => journal().includes('rules-facts'));
    expect(netrackd.served).to.deep.equal([]);
    netrackd.tell({ boards: [board(1, { health: 6 }), board(2)] });
    await until('a move', () => netrackd.served.length > 0);
    expect(netrackd.served[0]).to.deep.equal({ service: 'media', board: 2, cause: 'rule relieve' });
    netrackd.hold('media', 2);
    await until('its end', () => journal().includes('rules-ended'));
    expect(journal()).to.match(/"what":"rules-done".*"action":"run page moved","ok":true,"message":"moved relieve"/);

    const where = ['--journal', join(folder, 'state/redirectd.journal'), '--cluster', join(folder, 'cluster.yaml')];
    const { code, out } = tool('why', '192.168.1.1', ...where);
    expect(code).to.equal(0);
    for (const words of [
      'media moved from cpu-1 to cpu-2: rule relieve',
      'cpu-2: chosen, wished by rule relieve',
      'because board.cpu-1.health was 6',
      'because service.media.holder was cpu-1',
      '$target: cpu-2',
      'move media cpu-2: done',
      'run page moved: done',
    ]) {
      expect(out).to.include(words);
    }
    expect(out).to.match(/rule relieve \(.*own\.yaml, revision [0-9a-f]{12}\)/);
    expect(tool('why', 'board', 'cpu-2', ...where).out).to.include('media moved from cpu-1 to cpu-2');
    expect(tool('why', 'voice', ...where)).to.include({ code: 1, out: '' });
    expect(tool('journal', ...where).out).to.include('rules-decided');

    const old = join(folder, 'state/redirectd.journal');
    const rules = ['--rules', join(folder, 'rules'), '--cluster', join(folder, 'cluster.yaml')];
    expect(tool('replay', old, ...rules).out).to.include('decided then 2, now 2; 0 differences');
    write(relieve.replace('>= 5', '>= 7'));
    const replayed = tool('replay', old, ...rules);
    expect(replayed.code).to.equal(1);
    expect(replayed.out).to.include('only then: move media cpu-2 (rule relieve)');
  });

  it('decides nothing on a board that does not direct', async () => {
    write(relieve);
    netrackd.tell({ directing: false, role: 'follower' });
    start();
    await until('rules', () => journal().includes('rules-loaded'));
    netrackd.tell({ boards: [board(1, { health: 6 }), board(2)] });
    await sleep(500);
    expect(journal()).to.not.include('rules-decided');
    netrackd.tell({ directing: true, role: 'director' });
    await until('a move', () => netrackd.served.length > 0);
  });

  it('a broken file is alarmed, the last good set goes on, and a restart keeps it', async () => {
    write(relieve);
    const first = start();
    await until('facts', () => journal().includes('rules-facts'));
    write(relieve.replace('health', 'helth'));
    first.kill('SIGHUP');
    await until('an alarm', () =>
      netrackd.alarms.some((one) => one.cause === 'RULES_INVALID' && one.severity === 'major'),
    );
    expect(netrackd.alarms.at(-1)?.text).to.match(
      /^the last good ones run; .*own\.yaml:4:\d+: .*did you mean "health"/,
    );
    first.kill('SIGKILL');
    await until('its end', () => first.signalCode !== null);
    start();
    await until('another', () => journal().split('rules-loaded').length > 2);
    netrackd.tell({ boards: [board(1, { health: 6 }), board(2)] });
    await until('a move', () => netrackd.served.length > 0);
    write(relieve);
    await until('the alarm to clear', () => netrackd.alarms.at(-1)?.severity === 'cleared');
  });

  it('SNMP values come by the control socket, and the rules say which they need', async () => {
    write(`version: 1
rules:
  - name: uplink
    when: snmp.switch-a.ifOperStatus.12 is down
    do: [ { alarm: { text: the uplink is down, cause: UPLINK } } ]
`);
    start();
    await until('facts', () => journal().includes('rules-facts'));
    const control = connectControl<RulesMethods>(join(folder, 'run/redirectd.sock'), { name: 'test' });
    unwrap(await control.ready(10_000));
    const told = unwrap(await control.call('rules', {}));
    expect(told).to.deep.include({
      rules: 1,
      deciding: true,
      snmp: [{ agent: 'switch-a', object: 'ifOperStatus.12' }],
    });
    expect(
      await control.call('snmpFacts', { agent: 'switch-a', values: { 'ifOperStatus.12': [] } } as never),
    ).to.include({
      ok: false,
      code: 'RPC_INVALID_PARAMS',
    });
    unwrap(await control.call('snmpFacts', { agent: 'switch-a', values: { 'ifOperStatus.12': 'down' } }));
    await until('an alarm', () => netrackd.alarms.some((one) => one.cause === 'UPLINK' && one.severity === 'major'));
    unwrap(await control.call('snmpFacts', { agent: 'switch-a', values: { 'ifOperStatus.12': null } }));
    await sleep(300);
    expect(netrackd.alarms.at(-1)?.severity).to.equal('major');
    unwrap(await control.call('snmpFacts', { agent: 'switch-a', values: { 'ifOperStatus.12': 'up' } }));
    await until('it to clear', () => netrackd.alarms.at(-1)?.severity === 'cleared');
    control.close();
  });

  it('--check-config refuses rules that are wrong, or that everybody may write', () => {
    const check = () => {
      const where = ['--cluster', join(folder, 'cluster.yaml'), '--board', 'cpu-1', '--run-dir', join(folder, 'run')];
      return spawnSync(process.execPath, [bin('redirectd'), ...where, '--check-config'], { encoding: 'utf8' });
    };
    write(relieve);
    expect(check().status).to.equal(0);
    write(relieve.replace('relieve', '[]'));
    expect(check().status).to.equal(1);
    write(relieve);
    spawnSync('chmod', ['666', join(folder, 'rules/own.yaml')]);
    const { status, stdout, stderr } = check();
    expect(status).to.equal(1);
    expect(stdout + stderr).to.include('everybody may write it');
    spawnSync('chmod', ['644', join(folder, 'rules/own.yaml')]);
    spawnSync('chmod', ['777', join(folder, 'rules')]);
    expect(check()).to.include({ status: 1 });
    spawnSync('chmod', ['755', join(folder, 'rules')]);
    expect(check()).to.include({ status: 0 });
  });
});
