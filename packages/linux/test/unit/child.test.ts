import { decodeWaitStatus } from '@softset/linux/child.js';
import { expect } from 'chai';

describe('wait status (wait(2))', () => {
  const cases = [
    [0x0000, { kind: 'exit', code: 0 }],
    [0x2a00, { kind: 'exit', code: 42 }],
    [0xff00, { kind: 'exit', code: 255 }],
    [0x0009, { kind: 'signal', signal: 'SIGKILL', core: false }],
    [0x008b, { kind: 'signal', signal: 'SIGSEGV', core: true }],
    [0x0006, { kind: 'signal', signal: 'SIGABRT', core: false }],
    [0x0022, { kind: 'signal', signal: 'SIG34', core: false }],
  ] as const;
  for (const [status, end] of cases) {
    it(`0x${status.toString(16)}`, () => {
      expect(decodeWaitStatus(status)).to.deep.equal(end);
    });
  }
});
