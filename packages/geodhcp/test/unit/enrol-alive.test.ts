import { SETTLE_MS, type Seen, whoIsAlive } from '@softset/geodhcp/core/enrol/alive.js';
import { expect } from 'chai';

const seen = (verdict: Seen['verdict'], sinceMs = 0): Seen[] => [{ name: 'cpu-1', verdict, sinceMs }];
const alive = (...words: Parameters<typeof whoIsAlive>): boolean => whoIsAlive(...words).alive.has('cpu-1');

describe('which boards must not be replaced', () => {
  const cases: readonly [string, Seen['verdict'], ReadonlySet<string> | undefined, number, boolean][] = [
    ['one that is up', 'up', new Set(), 0, true],
    ['one that is down', 'down', new Set(['cpu-1']), 1, false],
    ['one that is stalled: that is the newcomer’s own kernel', 'stalled', new Set(['cpu-1']), 1, false],
    ['one that was alive and is silent', 'silent', new Set(['cpu-1']), 0, true],
    ['one that was alive and is unheard', 'unheard', new Set(['cpu-1']), 0, true],
    ['one that was dead and is unheard for a moment', 'unheard', new Set(), SETTLE_MS - 1, false],
    ['one that was dead and stays unheard', 'unheard', new Set(), SETTLE_MS, true],
    ['one that is unheard, of whom nothing was known', 'unheard', undefined, 0, true],
    ['one that was never seen', 'unknown', undefined, 9e6, false],
  ];
  for (const [what, verdict, before, nowMs, expected] of cases)
    it(`${what}: ${expected ? 'it is alive' : 'it may be'}`, () =>
      expect(alive(seen(verdict), before, nowMs)).to.equal(expected));

  it('looks again when a moment has become long, though nobody said anything new', () => {
    expect(whoIsAlive(seen('unheard', 100), new Set(), 400).againMs).to.equal(SETTLE_MS - 300);
    expect(whoIsAlive(seen('down', 100), new Set(), 400).againMs).to.equal(undefined);
  });
});
