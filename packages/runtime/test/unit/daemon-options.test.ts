import { parseDaemonArgs } from '@softset/runtime/daemon-options.js';
import { expect } from 'chai';

const good = ['--cluster', '/c.yaml', '--board', 'cp1', '--run-dir', '/run/x'];

describe('a daemon’s arguments', () => {
  it('give its options, with absolute paths', () => {
    expect(parseDaemonArgs([...good, '--state-dir', '/s', '--log-level', 'debug'])).to.deep.equal({
      ok: true,
      value: {
        kind: 'run',
        options: { cluster: '/c.yaml', board: 'cp1', runDir: '/run/x', stateDir: '/s', logLevel: 'debug' },
      },
    });
  });

  it('ask for help, the version and a check', () => {
    expect(parseDaemonArgs(['--help'])).to.deep.equal({ ok: true, value: { kind: 'help' } });
    expect(parseDaemonArgs(['--version'])).to.deep.equal({ ok: true, value: { kind: 'version' } });
    const check = parseDaemonArgs([...good, '--check-config', '--json']);
    expect(check.ok && check.value).to.include({ kind: 'check-config', json: true });
  });

  for (const [args, message] of [
    [[], '--cluster, --board and --run-dir are required'],
    [good.slice(0, 4), 'required'],
    [[...good, '--log-level', 'loud'], 'debug, info, warn, error, not "loud"'],
    [[...good, '--colour'], '--colour'],
    [[...good, 'extra'], 'extra'],
    [['--board'], '--board'],
  ] as const) {
    it(`are refused as ${args.join(' ') || 'nothing'}`, () => {
      const parsed = parseDaemonArgs(args);
      expect(parsed).to.include({ ok: false, code: 'USAGE' });
      expect(!parsed.ok && parsed.message).to.contain(message);
    });
  }
});
