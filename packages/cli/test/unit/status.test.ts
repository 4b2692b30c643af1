import { plain } from '@softset/cli/colour.js';
import type { RulesSummary } from '@softset/cli/status/gather.js';
import { renderStatus } from '@softset/cli/status/render.js';
import { table } from '@softset/cli/status/table.js';
import { problemsOf } from '@softset/cli/status/verdict.js';
import { duration, wrap } from '@softset/cli/status/words.js';
import type { Alarm, NetrackState } from '@softset/protocol';
import { expect } from 'chai';
import fc from 'fast-check';
import { board, well } from './state.js';

const wallMs = 1_800_000_000_000;

function page(state: NetrackState, silent: readonly string[] = []): string[] {
  return renderStatus({ state, moves: [], silent }, wallMs, plain).split('\n');
}

const alarm: Alarm = {
  object: 'service/media',
  cause: 'ADDRESS_IN_USE',
  severity: 'major',
  text: '192.168.1.1 is answered for by 02:00:00:00:00:99',
  raisedAtMs: wallMs - 5_000,
  raisedBy: 1,
};

describe('softset status', () => {
  it('begins with "all well" when it is', () => {
    expect(page(well())[0]).to.equal('all well');
  });

  it('tells a fault in words, since when, and by which evidence, on the first line', () => {
    const faults = [
      { kind: 'link-failed', target: 'cpu-1:A', sinceMs: 59_500, evidence: 'cpu-1 has no carrier on A' },
    ] as const;
    expect(page(well({ faults }))[0]).to.equal('link of cpu-1 to A failed, since 2.5 s: cpu-1 has no carrier on A');
  });

  it('puts what nobody can reach before what is merely broken', () => {
    const state = well({
      faults: [
        { kind: 'board-failed', target: 'cpu-1', sinceMs: 61_000, evidence: 'heard by nobody' },
        { kind: 'no-quorum', target: 'chassis', sinceMs: 61_000, evidence: '1 of 3 votes present, 2 needed' },
      ],
      services: [{ service: 'media', phase: 'free', cause: '' }],
      director: 0,
      alarms: [alarm],
    });
    const texts = problemsOf(state, wallMs).map((problem) => problem.text.split(/[,:(]/)[0]);
    expect(texts).to.deep.equal([
      'service media is held by nobody',
      'no quorum',
      'no board directs',
      'board cpu-1 failed',
      'major alarm',
    ]);
  });

  describe('rules', () => {
    const shown = (rules: Partial<RulesSummary>): string => {
      const none = { files: [], rules: 0, deciding: true, atLimit: [], snmp: [], tally: [] };
      return renderStatus({ state: well(), moves: [], silent: [], rules: { ...none, ...rules } }, wallMs, plain);
    };
    const files = [{ name: 'media.yaml', revision: '3f1c' }];

    it('without any files, nothing is said of them', () => {
      expect(shown({})).to.equal(page(well()).join('\n'));
    });

    it('names the files that run with their revisions, and rules at their limit', () => {
      const atLimit = [{ instance: 'half linked [io-1]', times: 3, windowMs: 600_000 }];
      const text = shown({ files, rules: 2, atLimit });
      expect(text).to.include('\nrules: 2 rules of media.yaml (3f1c)\n');
      expect(text).to.include('\nrule half linked [io-1] is at its limit: it acted 3 times in 10 min\n');
    });

    it('says which were refused, and that the last good ones run', () => {
      const text = shown({ files, rules: 1, refused: 'RULES_INVALID: media.yaml:3:1: error' });
      expect(text).to.include('\nrules: 1 rule of media.yaml (3f1c)\n');
      expect(text).to.include('\nrules files refused: RULES_INVALID: media.yaml:3:1: error\n');
      expect(shown({ refused: 'x' })).to.include('\nrules: none run\nrules files refused: x\n');
    });
  });

  it('shows pins until they are taken back, and boards that are given nothing', () => {
    const services = [
      { service: 'media', phase: 'held', holder: { board: 1, grant: { term: 3, n: 1 } }, cause: '', pin: 2 },
    ] as const;
    const boards = [board(1, 'cpu-1', { verdict: 'self' }), board(2, 'cpu-2', { admin: 'drained' })];
    const shown = page(well({ services, boards }));
    expect(shown).to.include('pinned: media to cpu-2 (softset service unpin)');
    expect(shown.find((line) => line.startsWith('cpu-2'))).to.include('up drained');
    expect(page(well()).join('\n')).to.not.include('pinned');
  });

  it('names what each kind of trouble is', () => {
    const failed = [{ program: 'echo', state: 'failed', sinceMs: 0, restarts: 3 }] as const;
    const cases: [Partial<NetrackState>, string][] = [
      [{ pulse: false }, 'the pulse of cpu-1 does not answer its netrackd'],
      [{ boards: [board(1, 'cpu-1', { amnesiac: true })] }, 'cpu-1 lost its memory of votes'],
      [{ boards: [board(1, 'cpu-1', { programs: failed })] }, 'program echo was given up on cpu-1'],
      [{ services: [{ service: 'media', phase: 'moving', cause: 'crash' }] }, 'service media is moving (crash)'],
      [
        { alarms: [alarm] },
        'major alarm, service/media: 192.168.1.1 is answered for by 02:00:00:00:00:99, since 5.0 s',
      ],
    ];
    for (const [more, text] of cases) {
      const problems = problemsOf(well(more), wallMs);
      expect(problems).to.have.length(1);
      expect(problems[0]?.text).to.include(text);
    }
  });

  it('does not call all well when a netrackd does not answer', () => {
    expect(page(well(), ['io-2'])[0]).to.equal('netrackd does not answer on io-2');
  });

  it('shows every board with its paths, its missing daemons and its programs', () => {
    const state = well({
      boards: [
        board(1, 'cpu-1', {
          daemons: ['netrackd'],
          paths: { A: false, B: true },
          programs: [{ program: 'echo', state: 'ready', sinceMs: 0, restarts: 0 }],
        }),
      ],
    });
    expect(page(state).find((line) => line.startsWith('cpu-1'))).to.match(
      /^cpu-1 +up +61 s +-- +ok +no redirectd, psrmd +echo ready$/,
    );
  });

  it('does not miss psrmd on a board that has no programs', () => {
    expect(page(well()).find((line) => line.startsWith('router-1'))).to.match(/ all +-$/);
  });

  it('fits 80 columns whatever names and texts are long', () => {
    const text = fc.array(fc.stringMatching(/^[a-z0-9:.-]{1,30}$/), { minLength: 1, maxLength: 40 });
    const name = fc.stringMatching(/^[a-z][a-z0-9-]{0,14}$/);
    fc.assert(
      fc.property(name, text, text, fc.nat(), (who, evidence, cause, sinceMs) => {
        const state = well({
          boards: [board(1, who)],
          faults: [{ kind: 'board-stalled', target: who, sinceMs, evidence: evidence.join(' ') }],
          services: [{ service: 'media', phase: 'silent', cause: cause.join(' ') }],
          alarms: [{ ...alarm, text: cause.join(' ') }],
        });
        for (const line of page(state)) expect(line.length, line).to.be.at.most(80);
      }),
    );
  });
});

describe('words of the status', () => {
  it('says how long in at most six characters', () => {
    const cases: [number, string][] = [
      [-5, '0.0 s'],
      [400, '0.4 s'],
      [12_900, '12 s'],
      [600_000, '10 min'],
      [7_200_000, '2 h'],
      [3 * 86_400_000, '72 h'],
      [10 * 86_400_000, '10 d'],
    ];
    for (const [ms, text] of cases) expect(duration(ms)).to.equal(text);
    fc.assert(fc.property(fc.integer({ min: 0, max: 1e11 }), (ms) => duration(ms).length <= 6));
  });

  it('wraps at spaces, loses no word, and leaves a longer word whole', () => {
    fc.assert(
      fc.property(fc.array(fc.stringMatching(/^[a-z]{1,50}$/), { minLength: 1 }), (words) => {
        const lines = wrap(words.join(' '), 40);
        expect(
          lines
            .join(' ')
            .split(' ')
            .filter((word) => word !== ''),
        ).to.deep.equal(words);
        for (const line of lines) if (line.length > 40) expect(line.trim()).to.not.include(' ');
      }),
    );
  });

  it('cuts only the last column of a table', () => {
    expect(
      table(
        [
          ['a', 'bb', 'c'.repeat(20)],
          ['aaa', 'b', 'd'],
        ],
        12,
      ),
    ).to.deep.equal(['a    bb  cc…', 'aaa  b   d']);
  });
});
