import { assert, fail, InvariantError, ok, unreachable, unwrap } from '@softset/base';
import { expect } from 'chai';

describe('results', () => {
  it('carry a value, or a code, a message and its cause', () => {
    expect(ok(1)).to.deep.equal({ ok: true, value: 1 });
    expect(fail('GONE', 'it is gone')).to.deep.equal({ ok: false, code: 'GONE', message: 'it is gone' });
    expect(fail('GONE', 'it is gone', 'why')).to.have.property('cause', 'why');
  });

  it('unwrap throws code and message, and keeps the cause', () => {
    expect(unwrap(ok('x'))).to.equal('x');
    const cause = new Error('below');
    expect(() => unwrap(fail('GONE', 'it is gone', cause)))
      .to.throw(Error, 'GONE: it is gone')
      .with.property('cause', cause);
  });
});

describe('assertions', () => {
  it('a broken invariant throws its own kind of error, a kept one nothing', () => {
    expect(() => assert(true, 'never said')).to.not.throw();
    expect(() => assert(false, 'two holders')).to.throw(InvariantError, 'two holders');
  });

  it('an impossible case names itself', () => {
    expect(() => unreachable('odd' as never, 'beat kind')).to.throw(InvariantError, 'beat kind: unexpected "odd"');
  });
});
