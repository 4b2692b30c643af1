import { runCommand } from '@softset/redirect/adapters/declared-command.js';
import { expect } from 'chai';

const run = (...off: string[]) => runCommand(off, 5000);
const code = async (...off: string[]): Promise<string> => {
  const result = await run(...off);
  return result.ok ? 'ok' : `${result.code} ${result.message}`;
};

describe('a declared command', () => {
  it('is done with exit code 0, and with no other', async () => {
    expect(await code('/bin/true')).to.equal('ok');
    expect(await code('/bin/false')).to.match(/^COMMAND_FAILED .*ended with 1/);
  });

  it('that is not there, or is no program, is a failure with its reason', async () => {
    expect(await code('/no/such/command')).to.match(/^ENOENT /);
    expect(await code('/etc')).to.match(/^EACCES /);
  });

  it('that does not end is killed, and that is no success', async () => {
    const startMs = performance.now();
    const result = await runCommand(['/bin/sleep', '60'], 100);
    expect(result.ok ? 'ok' : result.code).to.equal('COMMAND_TIMEOUT');
    expect(performance.now() - startMs).to.be.below(30_000);
  });

  it('gets its arguments as they are, no shell, and the last line that it said is told', async () => {
    expect(await code('/bin/sh', '-c', 'echo "$1" >&2; exit 3', 'sh', '$(id) ; x')).to.match(
      /^COMMAND_FAILED .*ended with 3: \$\(id\) ; x$/,
    );
  });

  it('has no environment of ours', async () => {
    process.env.SOFTSET_SECRET = 'told';
    expect(await code('/bin/sh', '-c', 'test -z "$SOFTSET_SECRET"')).to.equal('ok');
    delete process.env.SOFTSET_SECRET;
  });
});
