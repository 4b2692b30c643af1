import { ok } from '@softset/base';
import { obeyProgramOrder } from '@softset/redirect/ordered-programs.js';
import { expect } from 'chai';
import { cluster } from '../fixture.js';

/** echo runs on every board of its pool; mirror, of the service disk, on one board at a time. */
describe('programs that a rule orders', () => {
  const rows: readonly (readonly [
    what: string,
    want: 'start' | 'stop' | 'restart',
    program: string,
    held: string,
    asked: string,
  ])[] = [
    ['one that runs everywhere is started anywhere', 'start', 'echo', '', 'start echo 6000'],
    ['and restarted', 'restart', 'echo', '', 'restart echo 6000'],
    ['one of one board at a time is started where its service is held', 'start', 'mirror', 'disk', 'start mirror 6000'],
    ['and restarted there', 'restart', 'mirror', 'disk', 'restart mirror 6000'],
    ['elsewhere it would be a second copy', 'start', 'mirror', 'media', ''],
    ['and that is no way to make one either', 'restart', 'mirror', '', ''],
    ['it is stopped anywhere', 'stop', 'mirror', '', 'stop mirror 6000'],
    ['what is not in the file is for psrmd to refuse', 'stop', 'ghost', '', 'stop ghost 3000'],
  ];
  for (const [what, want, program, held, wanted] of rows) {
    it(what, async () => {
      let asked = '';
      const psrm = {
        call: async (...words: readonly unknown[]) => {
          asked = words.join(' ');
          return ok({});
        },
      };
      const parts = { cluster: cluster(), psrm, holds: (service: string) => service === held };
      const done = await obeyProgramOrder({ id: 'a', program, want, who: 'rule r' }, parts);
      expect(asked).to.equal(wanted);
      if (wanted === '') expect(done).to.include({ ok: false, code: 'NOT_HERE' });
      else expect(done.ok).to.equal(true);
    });
  }
});
