import { spawnSync } from 'node:child_process';
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'chai';
import { patience } from './bench.js';

const child = new URL('./user-child.js', import.meta.url).pathname;

/** Words that make the caller somebody without any right: `nobody`; or, where nobody may not read this folder, a user
 * namespace in which we are not root. Nothing where we are an ordinary user already. */
function asNobody(): string[] {
  if (process.getuid?.() !== 0) return [];
  const nobody = ['setpriv', '--reuid=65534', '--regid=65534', '--clear-groups', '--'];
  const readable = spawnSync('setpriv', [...nobody.slice(1), process.execPath, '--check', child]).status === 0;
  return readable ? nobody : ['unshare', '--user', '--map-user=65534', '--map-group=65534', '--'];
}

describe('an ordinary user', function () {
  this.timeout(60_000 * patience);

  it('has a whole lab, in a user namespace of their own', () => {
    const root = mkdtempSync('/tmp/softset-lab-test-');
    try {
      const who = asNobody();
      if (who[0] === 'setpriv') spawnSync('chown', ['65534', root]);
      const [program = process.execPath, ...words] = [...who, process.execPath, child];
      const env = { ...process.env, SOFTSET_LAB_DIR: join(root, 'labs') };
      const { stdout, stderr } = spawnSync(program, words, { env, encoding: 'utf8', timeout: 50_000 * patience });
      expect(stderr).to.equal('');
      const uid = process.getuid?.() === 0 ? 65_534 : process.getuid?.();
      expect(JSON.parse(stdout)).to.deep.equal({
        uid,
        daemon: 'running',
        held: true,
        answered: true,
        whole: true,
        mute: false,
        returned: true,
      });
      expect(readdirSync(join(root, 'labs'))).to.deep.equal([]);
    } finally {
      rmSync(root, { recursive: true });
    }
  });
});
