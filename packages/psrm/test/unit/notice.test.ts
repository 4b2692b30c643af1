import { decodeNotice } from '@softset/psrm/core/notice.js';
import { expect } from 'chai';
import fc from 'fast-check';

describe('messages by sd_notify(3)', () => {
  const cases = [
    ['READY=1', { notice: { ready: true } }],
    ['READY=1\nSTATUS=serves\n', { notice: { ready: true, says: 'serves' } }],
    ['RELOADING=1\nMONOTONIC_USEC=12', { notice: { reloading: true } }],
    ['STOPPING=1', { notice: { stopping: true } }],
    ['WATCHDOG=1', { notice: { watchdog: 'alive' } }],
    ['WATCHDOG=trigger', { notice: { watchdog: 'trigger' } }],
    ['WATCHDOG_USEC=1500', { notice: { watchdogMs: 1.5 } }],
    ['EXTEND_TIMEOUT_USEC=2000000', { notice: { extendMs: 2000 } }],
    ['MAINPID=77', { notice: {}, mainPid: 77 }],
    ['MAINPID=1', { notice: {} }],
    ['MAINPID=-7\nWATCHDOG_USEC=x\nREADY=yes\n=\nFDSTORE=1', { notice: {} }],
    ['STATUS=a\u001b[31mb', { notice: { says: 'a [31mb' } }],
    ['X_SOFTSET_HEALTH=queue full', { notice: { ailment: 'queue full' } }],
    ['X_SOFTSET_HEALTH=ok', { notice: { ailment: '' } }],
    ['X_SOFTSET_ASK=move\nX_SOFTSET_HEALTH=disk\u0007 dying', { notice: { ailment: 'disk  dying', ask: 'move' } }],
    ['X_SOFTSET_ASK=reboot', { notice: {} }],
    ['', { notice: {} }],
  ] as const;
  for (const [text, heard] of cases) {
    it(JSON.stringify(text), () => {
      expect(decodeNotice(text)).to.deep.equal(heard);
    });
  }

  it('never throws, and numbers are numbers', function () {
    this.timeout(20_000); // Making arbitrary strings takes seconds on a crowded machine.
    fc.assert(
      fc.property(
        fc.string({ unit: 'binary' }),
        fc.constantFrom('WATCHDOG_USEC', 'EXTEND_TIMEOUT_USEC', 'MAINPID'),
        (text, name) => {
          const { notice, mainPid } = decodeNotice(`${name}=${text}`);
          for (const number of [notice.watchdogMs, notice.extendMs, mainPid])
            if (number !== undefined) expect(number).to.be.within(0, 1e15);
        },
      ),
    );
  });
});
