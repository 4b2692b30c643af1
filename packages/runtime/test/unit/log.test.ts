import { fstatSync } from 'node:fs';
import { createLogger, wantsPriorities } from '@softset/runtime/log.js';
import { safeJson } from '@softset/runtime/safe-json.js';
import { expect } from 'chai';

function collect(options: { rateLines?: number; level?: 'debug' | 'info' } = {}) {
  const lines: Record<string, unknown>[] = [];
  const clock = { ms: 0 };
  const log = createLogger({
    component: 'netrackd',
    board: 'cp1',
    write: (line) => lines.push(JSON.parse(line)),
    nowMs: () => clock.ms,
    wallTime: () => new Date(0),
    ...options,
  });
  return { lines, clock, log };
}

describe('the log', () => {
  it('writes one line with who, where, when, what and the fields', () => {
    const { lines, log } = collect();
    log.with({ peer: 'cp2' }).info('path-down', { network: 'A', durationMs: 1.5 });
    const time = '1970-01-01T00:00:00.000Z';
    const head = { time, level: 'info', component: 'netrackd', board: 'cp1', event: 'path-down' };
    expect(lines).to.deep.equal([{ ...head, peer: 'cp2', network: 'A', durationMs: 1.5 }]);
  });

  it('begins its lines with their severity for journald and syslog (sd-daemon(3)), and for nobody else', () => {
    const lines: string[] = [];
    const write = (line: string): unknown => lines.push(line);
    const log = createLogger({ component: 'x', board: 'y', level: 'debug', write, priorities: true });
    log.debug('a');
    log.info('b');
    log.warn('c');
    log.error('d');
    expect(lines.map((line) => line.slice(0, 4))).to.deep.equal(['<7>{', '<6>{', '<4>{', '<3>{']);
    expect(lines.every((line) => JSON.parse(line.slice(3)))).to.equal(true);
    const { dev, ino } = fstatSync(2, { bigint: true });
    expect(wantsPriorities({ JOURNAL_STREAM: `${dev}:${ino}` })).to.equal(true);
    expect(wantsPriorities({ JOURNAL_STREAM: `${dev}:1${ino}` }), 'the journal of who started us').to.equal(false);
    expect(wantsPriorities({})).to.equal(false);
    expect(wantsPriorities({ SOFTSET_LOG: 'syslog' })).to.equal(true);
  });

  it('does not let fields pass for another component', () => {
    const { lines, log } = collect();
    log.warn('x', { component: 'psrmd', event: 'y', level: 'debug' });
    expect(lines[0]).to.include({ component: 'netrackd', event: 'x', level: 'warn' });
    log.info('register-changed', { board: 'cp2', admin: 'drained' });
    expect(lines[1]).to.deep.include({ board: 'cp1', admin: 'drained', about: { board: 'cp2' } });
  });

  it('leaves out what is below its level, which can change', () => {
    const { lines, log } = collect();
    log.debug('packet');
    log.setLevel('debug');
    log.debug('packet');
    expect(lines).to.have.length(1);
    expect(log.enabled('debug')).to.equal(true);
  });

  it('bounds each event, and sums up what it left out', () => {
    const { lines, clock, log } = collect({ rateLines: 2 });
    for (let i = 0; i < 10; i++) log.info('storm');
    log.info('other');
    expect(lines.map((line) => line.event)).to.deep.equal(['storm', 'storm', 'other']);
    clock.ms = 1_000;
    log.info('storm');
    expect(lines[3]).to.include({ event: 'storm', suppressed: 8 });
    expect(lines[4]).to.include({ event: 'storm' }).and.not.have.property('suppressed');
  });

  it('writes a line whatever the fields are', () => {
    const circle: Record<string, unknown> = {};
    circle.self = circle;
    const error = new Error('why', { cause: 'root' });
    expect(safeJson(circle)).to.match(/unserializable/);
    expect(JSON.parse(safeJson({ error })).error).to.include({ message: 'why', cause: 'root' });
    expect(safeJson({ n: 1n, b: Buffer.from([1, 255]), m: new Map([[1, 2]]), i: Number.NaN })).to.equal(
      '{"n":"1","b":"01ff","m":[[1,2]],"i":"NaN"}',
    );
  });
});
