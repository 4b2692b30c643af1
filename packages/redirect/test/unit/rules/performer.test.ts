import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fail, ok } from '@softset/base';
import type { RuleAction } from '@softset/protocol/rules-actions.js';
import type { Command } from '@softset/redirect/core/rules/read-file.js';
import { Performer } from '@softset/redirect/rules/performer.js';
import { expect } from 'chai';
import { cluster } from '../../fixture.js';

describe('rules: declared programs', function () {
  this.timeout(20_000);
  let folder: string;
  before(() => {
    folder = mkdtempSync(join(tmpdir(), 'performer-'));
  });
  after(() => rmSync(folder, { recursive: true, force: true }));

  /** What a command's step came to. */
  function run(command: Partial<Command> | undefined, action?: RuleAction): Promise<{ ok: boolean; message: string }> {
    const chassis = cluster();
    return new Promise((done) => {
      const performer = new Performer({
        cluster: chassis,
        wish: () => {},
        change: () => {},
        alarm: () => {},
        orderProgram: async () => fail('NOT_DIRECTOR', 'no'),
        setVariable: async () => fail('UNKNOWN_AGENT', 'no'),
        commandOf: (name) => command && { name, run: ['/bin/true'], timeoutMs: 5000, ...command },
        done: (_call, ok, message) => done({ ok, message }),
      });
      performer.perform({
        call: 1,
        rule: 'r',
        action: action ?? { kind: 'run', command: 'page', args: ['io-1; rm -rf /', '$HOME'] },
      });
    });
  }

  it('get their arguments as they are, for no shell reads them, and a bare environment', async () => {
    const { ok, message } = await run({ run: ['/usr/bin/printf', '%s|%s'] });
    expect({ ok, message }).to.deep.equal({ ok: true, message: 'io-1; rm -rf /|$HOME' });
    const { message: said } = await run(
      { run: ['/usr/bin/env', '-u', 'x', '/usr/bin/env'] },
      { kind: 'run', command: 'page', args: [] },
    );
    const names = said.split('\n').map((line) => line.split('=')[0]);
    expect(names.sort()).to.deep.equal(['PATH', 'SOFTSET_ACTION', 'SOFTSET_RULE']);
  });

  it('fail with their exit code, their signal, and what they said', async () => {
    expect(await run({ run: ['/bin/sh', '-c', 'echo why >&2; exit 3'] })).to.deep.equal({
      ok: false,
      message: 'COMMAND: page: exit 3: why',
    });
    expect(await run({ run: ['/bin/sh', '-c', 'kill -9 $$'] })).to.deep.equal({
      ok: false,
      message: 'COMMAND: page: signal SIGKILL',
    });
  });

  it('are killed at their deadline, with all that they started', async () => {
    const mark = join(folder, 'pid');
    const { ok, message } = await run({ run: ['/bin/sh', '-c', `sleep 60 & echo $! > ${mark}; wait`], timeoutMs: 300 });
    expect(ok).to.equal(false);
    expect(message).to.match(/^TIMEOUT: page took longer than 300 ms/);
    await sleep(100);
    const pid = readFileSync(mark, 'utf8').trim();
    const state = existsSync(`/proc/${pid}/stat`) ? readFileSync(`/proc/${pid}/stat`, 'utf8') : 'gone';
    expect(state).to.match(/^gone|\) Z/);
  });

  it('that are not there, not declared, or belong to nobody fail and do not throw', async () => {
    expect((await run({ run: ['/nonexistent/page'] })).message).to.match(/^COMMAND: .*ENOENT/);
    expect((await run(undefined)).message).to.match(/^UNKNOWN_COMMAND/);
    expect((await run({ user: 'nobody-of-that-name' })).message).to.match(/^UNKNOWN_USER/);
  });

  it('perform an action of their name, which redirectd has no hands for', async () => {
    const { ok, message } = await run(
      { run: ['/bin/echo'] },
      { kind: 'change-route', to: 'default', via: '192.0.2.254' },
    );
    expect({ ok, message }).to.deep.equal({ ok: true, message: 'default 192.0.2.254' });
  });

  it('that say too much are cut, and not buffered without end', async () => {
    const { ok, message } = await run({ run: ['/bin/sh', '-c', 'yes | head -c 1000000'] });
    expect(ok).to.equal(true);
    expect(message.length).to.be.at.most(2000);
  });
});

describe('rules: boards that are drained and given work, programs that are started, variables that are set', () => {
  const asked: object[] = [];
  const answers: string[] = [];
  const orders: object[] = [];
  const performer = new Performer({
    cluster: cluster(),
    wish: () => {},
    change: (change) => asked.push(change),
    alarm: () => {},
    orderProgram: async (wanted) => {
      orders.push(wanted);
      return wanted.board === 'cpu-1' ? ok({ message: '' }) : fail('NOT_DONE', 'NOT_HERE: disk is elsewhere');
    },
    setVariable: async (agent, object, value) =>
      agent === 'switch-a' ? ok({ message: `${object} is ${value}` }) : fail('UNKNOWN_AGENT', agent),
    commandOf: () => undefined,
    done: (call, ok, message) => answers.push(`${call} ${ok ? 'done' : 'failed'} ${message}`),
  });

  it('are a change of the register in the rule’s name, and done when that is answered', () => {
    performer.perform({ call: 7, rule: 'late', action: { kind: 'drain', board: 'cpu-1' } });
    performer.perform({ call: 8, rule: 'late', action: { kind: 'activate', board: 'cpu-2' } });
    const by = { who: 'rule late', rule: 'late' };
    expect(asked).to.deep.equal([
      { id: 'rule-7', ...by, change: { kind: 'admin', board: 1, admin: 'drained' } },
      { id: 'rule-8', ...by, change: { kind: 'admin', board: 2, admin: 'in-service' } },
    ]);
    expect(answers).to.deep.equal([]);
    performer.perform({ call: 10, rule: 'late', action: { kind: 'prefer-network', network: 'B' } });
    expect(asked.pop()).to.deep.equal({ id: 'rule-10', ...by, change: { kind: 'prefer', network: 'B' } });
    expect(performer.ruled('rule-8', false, 'BY_OPERATOR: no')).to.equal(true);
    expect(performer.ruled('rule-7', true, 'cpu-1 is drained')).to.equal(true);
    expect(answers).to.deep.equal(['8 failed BY_OPERATOR: no', '7 done cpu-1 is drained']);
  });

  it('that are not there fail', () => {
    performer.perform({ call: 9, rule: 'late', action: { kind: 'drain', board: 'nobody' } });
    expect(answers.at(-1)).to.match(/^9 failed UNKNOWN_BOARD/);
  });

  it('orders to programs go to their board, and its answer is the step’s', async () => {
    performer.perform({ call: 11, rule: 'late', action: { kind: 'restart', program: 'echo', on: 'cpu-1' } });
    performer.perform({ call: 12, rule: 'late', action: { kind: 'start', program: 'disk', on: 'cpu-2' } });
    performer.perform({ call: 13, rule: 'late', action: { kind: 'stop', program: 'disk', on: 'cpu-2' } });
    const who = 'rule late';
    expect(orders).to.deep.equal([
      { board: 'cpu-1', program: 'echo', want: 'restart', who },
      { board: 'cpu-2', program: 'disk', want: 'start', who },
      { board: 'cpu-2', program: 'disk', want: 'stop', who },
    ]);
    await new Promise((resolve) => setImmediate(resolve));
    expect(answers.slice(-3)).to.deep.equal([
      '11 done ',
      '12 failed NOT_DONE: NOT_HERE: disk is elsewhere',
      '13 failed NOT_DONE: NOT_HERE: disk is elsewhere',
    ]);
  });

  it('a variable is set by SNMP, and what came of it is the step’s', async () => {
    const set = { kind: 'snmp-set', object: 'ifAdminStatus.12', value: 'down' } as const;
    performer.perform({ call: 14, rule: 'late', action: { ...set, agent: 'switch-a' } });
    performer.perform({ call: 15, rule: 'late', action: { ...set, agent: 'nobody' } });
    await new Promise((resolve) => setImmediate(resolve));
    expect(answers.slice(-2)).to.deep.equal(['14 done ifAdminStatus.12 is down', '15 failed UNKNOWN_AGENT: nobody']);
  });
});
