import type { Facts, FileFact } from './facts.js';
import { type Finding, fault, warning } from './finding.js';

/** Below it a register, or a journal, may no longer be written, bytes. */
const FREE_MIN = 16 * 1024 * 1024;
const octal = (mode: number): string => (mode & 0o7777).toString(8).padStart(4, '0');

/** Keys, the cluster file and the daemons' folders: there, whose they are, and who else may. */
export function fileFindings(facts: Facts): Finding[] {
  return facts.files.flatMap((file) => {
    if (file.what === 'vote record') return voteFindings(file, facts);
    if (file.problem !== undefined) return missing(file);
    if (file.what === 'key' || file.what === 'old key') return keyFindings(file, facts);
    if (file.what === 'cluster file') return clusterFileFindings(file);
    return folderFindings(file, facts);
  });
}

function missing({ what, path, problem }: FileFact): Finding[] {
  // judge.ts says more of it than this could.
  if (what === 'cluster file') return [];
  const todo =
    what === 'key' || what === 'old key'
      ? 'copy it from another board: (umask 077; scp …); then chown softset: and chmod 0600'
      : `systemd-tmpfiles --create, or: install -d -m 0750 -o softset -g softset ${path}`;
  const code = what === 'key' || what === 'old key' ? 'KEY_MISSING' : 'FOLDER_MISSING';
  return [fault(code, `the ${what} ${path} cannot be read (${problem})`, todo)];
}

function keyFindings(file: FileFact, { user }: Facts): Finding[] {
  const { what, path, mode, uid, wellFormed } = file;
  const findings: Finding[] = [];
  if ((mode & 0o077) !== 0) {
    const found = `the ${what} ${path} has mode ${octal(mode)}: others may read it`;
    findings.push(
      fault('KEY_EXPOSED', found, `chmod 0600 ${path}; if somebody did read it, make a new one for all boards`),
    );
  }
  if (user !== undefined && uid !== user.uid && uid !== (process.getuid?.() ?? -1))
    findings.push(
      fault('KEY_OWNER', `the ${what} ${path} is user ${uid}'s: the daemons cannot read it`, `chown softset: ${path}`),
    );
  else if (user !== undefined && uid !== user.uid)
    findings.push(warning('KEY_OWNER', `the ${what} ${path} is not the user softset's`, `chown softset: ${path}`));
  if (wellFormed === false) {
    const todo = 'copy it from another board; a new one: (umask 077; openssl rand -hex 32 > FILE), the same on all';
    findings.push(fault('KEY_MALFORMED', `the ${what} ${path} is not 64 hexadecimal digits`, todo));
  }
  return findings;
}

function clusterFileFindings({ path, mode }: FileFact): Finding[] {
  if ((mode & 0o022) === 0) return [];
  const found = `the cluster file ${path} has mode ${octal(mode)}: others may say what this board runs as`;
  return [fault('CLUSTER_FILE_WRITABLE', found, `chmod 0640 ${path}; chown root:softset ${path}`)];
}

function folderFindings({ what, path, mode, uid, freeBytes, memory }: FileFact, { user }: Facts): Finding[] {
  const findings: Finding[] = [];
  if ((mode & 0o002) !== 0)
    findings.push(fault('FOLDER_EXPOSED', `the ${what} ${path} has mode ${octal(mode)}`, `chmod 0750 ${path}`));
  if (user !== undefined && uid !== user.uid)
    findings.push(
      fault(
        'FOLDER_OWNER',
        `the ${what} ${path} is user ${uid}'s: the daemons cannot write there`,
        `chown softset: ${path}`,
      ),
    );
  if (freeBytes !== undefined && freeBytes < FREE_MIN) {
    const found = `the ${what} ${path} has ${Math.floor(freeBytes / 1024)} KiB left`;
    findings.push(fault('DISK_FULL', found, 'make room: a board that cannot write its votes abstains'));
  }
  if (what === 'run directory' && memory === false)
    findings.push(
      warning(
        'RUN_DIR_ON_DISK',
        `the run directory ${path} is on a disk`,
        'put it on a tmpfs: what is there must not outlive the kernel',
      ),
    );
  return findings;
}

function voteFindings({ path, problem }: FileFact, { cluster, board }: Facts): Finding[] {
  const own = cluster?.boards.find(({ name }) => name === board);
  if (problem === undefined || own === undefined || !own.disk) return [];
  const todo = 'a new board: softset form. One that was a member and lost its disk: start it, it asks the others';
  return [warning('NOT_FORMED', `there is no vote record ${path}: this board is no member yet`, todo)];
}
