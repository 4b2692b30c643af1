import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { hostname } from 'node:os';
import { parseArgs } from 'node:util';
import { fail, ok, type Result } from '@softset/base';
import { ENROL_PORT, parseToken } from '@softset/protocol/enrolment.js';
import { VERSION } from '../version.js';
import { installFiles, nothingThere, type Place } from './install-files.js';
import { join } from './join.js';

/*
 * `enrol-join --control ADDRESS [--port N] [--token-file FILE] --cluster FILE --defaults FILE [--uid N --gid N] [--wait S]
 * -- COMMAND…`: asks a control node to join; COMMAND is `softset doctor --json`, which tests what came. `softset enrol join`
 * calls it. Exit: 0 a member without faults, 1 refused or with faults, 100 usage, 111 the control node cannot be reached.
 */
const text = { type: 'string' } as const;
const options = {
  control: text,
  port: text,
  'token-file': text,
  cluster: text,
  defaults: text,
  uid: text,
  gid: text,
  wait: text,
};

async function main(): Promise<number> {
  const { values, positionals } = parseArgs({ options, allowPositionals: true });
  const { control, cluster, defaults } = values;
  if (control === undefined || cluster === undefined || defaults === undefined || positionals.length === 0)
    return say(fail('USAGE', '--control, --cluster, --defaults and a command are required'), 100);
  const place: Place = {
    cluster,
    defaults,
    ...(values.uid === undefined ? {} : { account: { uid: Number(values.uid), gid: Number(values.gid) } }),
  };
  const free = nothingThere(place);
  if (!free.ok) return say(free, 1);
  const token = tokenIn(values['token-file']);
  if (!token.ok) return say(token, /^E[A-Z]+$/.test(token.code) ? 111 : 1);
  const joined = await join(
    {
      control,
      port: Number(values.port ?? ENROL_PORT),
      ...(token.value === undefined ? {} : { token: token.value }),
      version: VERSION,
      host: hostname(),
      waitMs: Number(values.wait ?? 3600) * 1000,
    },
    {
      onWaiting: (code) =>
        process.stdout.write(`waiting for an operator. On ${control}: softset enrol approve ${code}\n`),
      install: async (board, files) => {
        const installed = installFiles(place, board, files);
        return installed.ok ? ok(await faultsBy([...positionals, '--board', board])) : installed;
      },
    },
  );
  if (!joined.ok) return say(joined, /^E[A-Z]+$/.test(joined.code) ? 111 : 1);
  const { board, faults } = joined.value;
  if (faults.length === 0) process.stdout.write(`${board} is enrolled; next: systemctl start softset.target\n`);
  else
    process.stdout.write(`${board} is enrolled, with faults: ${faults.join(', ')}; softset doctor says what to do\n`);
  return faults.length === 0 ? 0 : 1;
}

function tokenIn(file: string | undefined): Result<{ readonly id: string; readonly secret: string } | undefined> {
  if (file === undefined) return ok(undefined);
  try {
    return parseToken(readFileSync(file, 'utf8'));
  } catch (error) {
    const { code = 'EIO', message } = error as NodeJS.ErrnoException;
    return fail(code, message);
  }
}

/** A test that cannot be run is a fault of its own. */
function faultsBy([program = '', ...args]: readonly string[]): Promise<readonly string[]> {
  return new Promise((done) => {
    execFile(program, args, { encoding: 'utf8', timeout: 50_000 }, (_, stdout) => {
      try {
        const told = JSON.parse(stdout) as { findings: readonly { code: string; severity: string }[] };
        done(told.findings.filter(({ severity }) => severity === 'fault').map(({ code }) => code));
      } catch {
        done(['DOCTOR_FAILED']);
      }
    });
  });
}

function say({ code, message }: { readonly code: string; readonly message: string }, exit: number): number {
  process.stderr.write(`softset: ${code}: ${message}\n`);
  return exit;
}

process.exitCode = await main();
