import { spawn } from 'node:child_process';

/**
 * Runs a program to its end. Never throws for an exit code, and never reads standard input: a check that asks a
 * question would wait for ever where nobody sits.
 *
 * `output`: 'collect' (default) returns what it said; 'show' lets it through; 'stderr' lets all of it through to
 * standard error. `limitMs` ends it, and its children where it leads a group of its own, with SIGKILL.
 * Resolves to `{ code, signal, text, timedOut }`; a program that could not be started has code 127.
 */
export function run(command, args, { cwd, env, output = 'collect', limitMs = 0 } = {}) {
  const stdio = { collect: 'pipe', show: 'inherit', stderr: 2 }[output];
  return new Promise((resolve) => {
    const child = spawn(command, args, {
      cwd,
      env: env ?? process.env,
      stdio: ['ignore', stdio, stdio === 'pipe' ? 'pipe' : 2],
      detached: limitMs > 0,
    });
    let text = '';
    let timedOut = false;
    const keep = (chunk) => {
      text += chunk;
    };
    child.stdout?.setEncoding('utf8').on('data', keep);
    child.stderr?.setEncoding('utf8').on('data', keep);
    const timer =
      limitMs > 0
        ? setTimeout(() => {
            timedOut = true;
            killGroup(child.pid);
          }, limitMs)
        : undefined;
    // Asked to stop, nothing of ours stays behind: a detached child is not in the terminal's foreground group.
    const forward = (signal) => {
      if (limitMs > 0) killGroup(child.pid, signal);
      else child.kill(signal);
      process.exit(signal === 'SIGINT' ? 130 : 143);
    };
    process.once('SIGINT', forward).once('SIGTERM', forward);
    const done = (result) => {
      clearTimeout(timer);
      process.off('SIGINT', forward).off('SIGTERM', forward);
      resolve({ text, timedOut, ...result });
    };
    child.once('error', (error) => done({ code: 127, signal: null, text: error.message }));
    child.once('close', (code, signal) => done({ code: code ?? 1, signal }));
  });
}

function killGroup(pid, signal = 'SIGKILL') {
  try {
    process.kill(-pid, signal);
  } catch {
    // It ended by itself in the meantime.
  }
}
