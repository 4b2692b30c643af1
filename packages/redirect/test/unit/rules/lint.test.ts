import { expect } from 'chai';
import { said, withRule } from './load.js';

const two = (first: string, second: string, more = ''): string => `version: 1
groups:
  media: { members: [io-1, io-2], spares: [io-3], policy: n+1 }
rules:
  - { name: first, ${first}${more} }
  - { name: second, ${second}${more} }
`;
const conflict = (text: string): string | undefined => said(text).find((line) => line.includes('[CONFLICT]'));
const never = (condition: string): string | undefined =>
  said(withRule(`name: r\nwhen: ${condition}\ndo: [ { alarm: x } ]`)).find((line) => line.includes('[NEVER_FIRES]'));

describe('rules: what check finds in rules that are each well written', () => {
  it('two values of one fact', () => {
    const line = never('{ all: [ board.io-1.state is up, board.io-1.state is down ] }');
    expect(line).to.match(
      /^rules.yaml:7:11: warning: rule "r" can never fire: board.io-1.state cannot be is up and is down/,
    );
  });

  it('a number between nothing', () => {
    expect(never('{ all: [ board.io-1.health > 5, board.io-1.health < 3 ] }')).to.be.a('string');
    expect(never('{ all: [ board.io-1.health > 3, board.io-1.health < 5 ] }')).to.equal(undefined);
    expect(never('{ all: [ board.io-1.health >= 3, board.io-1.health <= 3 ] }')).to.equal(undefined);
    expect(never('{ all: [ board.io-1.health >= 3, board.io-1.health < 3 ] }')).to.be.a('string');
  });

  it('known and unknown at once; a value and unknown at once', () => {
    expect(never('{ all: [ board.io-1.state is known, board.io-1.state is unknown ] }')).to.be.a('string');
    expect(never('{ all: [ board.io-1.state is down, board.io-1.state is unknown ] }')).to.be.a('string');
    expect(never('{ all: [ board.io-1.state is unknown, board.io-2.state is down ] }')).to.equal(undefined);
  });

  it('a condition and its denial, by De Morgan', () => {
    expect(never('{ all: [ board.io-1.state is down, { not: { any: [ board.io-1.state is down ] } } ] }')).to.be.a(
      'string',
    );
  });

  it('one way out of several is enough', () => {
    const impossible = '{ all: [ board.io-1.state is up, board.io-1.state is down ] }';
    expect(never(`{ any: [ ${impossible}, board.io-2.state is down ] }`)).to.equal(undefined);
  });

  it('the same fact through two windows is two things', () => {
    expect(
      never('{ all: [ program.echo.io-1.restarts over 60s < 1, program.echo.io-1.restarts over 10m > 3 ] }'),
    ).to.equal(undefined);
  });

  it('a scope without members', () => {
    const text =
      'version: 1\ngroups: { g: { members: [io-1], policy: n-way } }\nrules: [ { name: r, scope: each spare of g, when: board.$board.state is down, do: [ { alarm: x } ] } ]';
    expect(said(text).join('\n')).to.include('its scope is empty [NEVER_FIRES]');
  });

  it('two targets for one service', () => {
    const line = conflict(
      two(
        'when: board.io-1.state is down, do: [ { move: { service: media-1, to: io-2 } } ]',
        'when: "board.io-1.state is one of down, silent", do: [ { move: { service: media-1, to: io-3 } } ]',
      ),
    );
    expect(line).to.match(
      /^rules.yaml:6:\d+: error: rules "second" and "first" can both be true, and want different targets/,
    );
    expect(line).to.include('move media-1 io-3, and move media-1 io-2');
  });

  it('names the key that they share', () => {
    const move = (to: string): string =>
      `when: board.io-1.state is down, do: [ { move: { service: media-1, to: ${to} } } ]`;
    expect(conflict(two(move('io-2'), move('io-3'), ', key: media'))).to.include('different targets for key media');
  });

  it('none where they exclude each other, want the same, or move different things', () => {
    const move = (state: string, service: string, to: string): string =>
      `when: board.io-1.state is ${state}, do: [ { move: { service: ${service}, to: ${to} } } ]`;
    expect(conflict(two(move('down', 'media-1', 'io-2'), move('up', 'media-1', 'io-3')))).to.equal(undefined);
    expect(conflict(two(move('down', 'media-1', 'io-2'), move('silent', 'media-1', 'io-2')))).to.equal(undefined);
    expect(conflict(two(move('down', 'media-1', 'io-2'), move('down', 'media-2', 'io-3')))).to.equal(undefined);
  });

  it('sees through scopes: an instance of one rule against another rule', () => {
    const scoped = 'scope: each board in media, when: board.$board.state is down, do: [ { prefer-network: A } ]';
    const other = 'when: board.io-2.state is down, do: [ { prefer-network: B } ]';
    expect(conflict(two(scoped, other))).to.be.a('string');
    const up = 'when: { all: [ board.io-1.state is up, board.io-2.state is up ] }, do: [ { prefer-network: B } ]';
    expect(conflict(two(scoped, up))).to.equal(undefined);
  });

  it('a chosen board is told by where it is looked for', () => {
    const line = conflict(
      two(
        'when: board.io-1.state is down, do: [ { choose: { to: spare of media } }, { move: { service: media-1, to: $to } } ]',
        'when: board.io-1.state is down, do: [ { choose: { to: peer of io-1 } }, { move: { service: media-1, to: $to } } ]',
      ),
    );
    expect(line).to.include('move media-1 the peer of io-1, and move media-1 the spare of media');
  });

  it('a move to a board outside the pool', () => {
    const text = withRule(
      'name: r\nscope: each board in media\nwhen: board.$board.state is down\ndo: [ { move: { service: media-1, to: cpu-1 } } ]',
    );
    expect(said(text)).to.deep.equal([
      'rules.yaml:10:13: error: rule "r" moves media-1 to cpu-1, which is not in its pool: io-1, io-3 [CANNOT_PERFORM]',
    ]);
  });
});
