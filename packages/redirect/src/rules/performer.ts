import { spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import type { Result } from '@softset/base';
import type { Alarm, Change, Cluster } from '@softset/protocol';
import type { RuleAction } from '@softset/protocol/rules-actions.js';
import { actionText } from '@softset/protocol/rules-actions.js';
import type { NetrackPort } from '../adapters/netrack-port.js';
import type { Command } from '../core/rules/read-file.js';

export interface Asked {
  readonly call: number;
  readonly rule: string;
  readonly action: RuleAction;
}

export interface PerformerPorts {
  readonly cluster: Cluster;
  /** The director's core: it keeps the limit and the grants, and answers `ruled` with this id. */
  readonly wish: (wish: { id: string; service: string; board: number; who: string; rule: string }) => void;
  /** Likewise, and written down by a majority before it is answered. */
  readonly change: (change: { id: string; change: Change; who: string; rule: string }) => void;
  readonly alarm: (alarm: Omit<Alarm, 'raisedAtMs' | 'raisedBy' | 'acknowledgedBy'>) => void;
  /** To another board's psrmd, or this one's, by way of NETRACK. */
  readonly orderProgram: NetrackPort['orderProgram'];
  /** Of an agent of the cluster file. */
  readonly setVariable: (agent: string, object: string, value: string) => Promise<Result<{ message: string }>>;
  readonly commandOf: (name: string) => Command | undefined;
  readonly done: (call: number, ok: boolean, message: string) => void;
}

/** Bytes of a command's output that are kept for the journal. */
const SAID_MAX = 2000;

/** Performs what rules decided. The only way out of the engine: what is not here does not happen. */
export class Performer {
  readonly #ports: PerformerPorts;
  readonly #wishes = new Map<string, number>();

  constructor(ports: PerformerPorts) {
    this.#ports = ports;
  }

  perform({ call, rule, action }: Asked) {
    const { cluster, wish, change, alarm, done } = this.#ports;
    const answered = (answer: Result<{ message: string }>): void =>
      done(call, answer.ok, answer.ok ? answer.value.message : `${answer.code}: ${answer.message}`);
    switch (action.kind) {
      case 'move':
      case 'drain':
      case 'activate': {
        const name = action.kind === 'move' ? action.to : action.board;
        const board = cluster.boards.find((one) => one.name === name)?.id;
        if (board === undefined) return done(call, false, `UNKNOWN_BOARD: no board "${name}"`);
        const asked = { id: `${RULE_WISH}${call}`, who: `rule ${rule}`, rule };
        this.#wishes.set(asked.id, call);
        if (action.kind === 'move') return wish({ ...asked, service: action.service, board });
        const admin = action.kind === 'drain' ? 'drained' : 'in-service';
        return change({ ...asked, change: { kind: 'admin', board, admin } });
      }
      case 'prefer-network': {
        const asked = { id: `${RULE_WISH}${call}`, who: `rule ${rule}`, rule };
        this.#wishes.set(asked.id, call);
        return change({ ...asked, change: { kind: 'prefer', network: action.network } });
      }
      case 'start':
      case 'stop':
      case 'restart': {
        const wanted = { board: action.on, program: action.program, want: action.kind, who: `rule ${rule}` } as const;
        return void this.#ports.orderProgram(wanted).then(answered);
      }
      case 'snmp-set':
        return void this.#ports.setVariable(action.agent, action.object, action.value).then(answered);
      case 'alarm':
        alarm({ object: action.object, cause: action.cause, severity: action.severity, text: action.text });
        return done(call, true, '');
      case 'clear-alarm':
        alarm({ object: action.object, cause: action.cause, severity: 'cleared', text: `cleared by rule ${rule}` });
        return done(call, true, '');
      case 'run':
        return this.#run(call, rule, action.command, action.args);
      default: {
        // No hands of our own for it: the command that is declared under its name gets the action's words.
        const [name = '', ...args] = actionText(action).split(' ');
        return this.#run(call, rule, name, args);
      }
    }
  }

  /** The director's answer to a wish; false: it was no wish of a rule. */
  ruled(id: string, ok: boolean, message: string): boolean {
    if (!id.startsWith(RULE_WISH)) return false;
    const call = this.#wishes.get(id);
    this.#wishes.delete(id);
    if (call !== undefined) this.#ports.done(call, ok, message);
    return true;
  }

  #run(call: number, rule: string, name: string, args: readonly string[]) {
    const { commandOf, done } = this.#ports;
    const command = commandOf(name);
    const [path, ...own] = command?.run ?? [];
    if (command === undefined || path === undefined) return done(call, false, `UNKNOWN_COMMAND: no command "${name}"`);
    const user = command.user === undefined ? undefined : accountOf(command.user);
    if (command.user !== undefined && user === undefined)
      return done(call, false, `UNKNOWN_USER: no user "${command.user}"`);
    const child = spawn(path, [...own, ...args], {
      cwd: '/',
      env: { PATH: '/usr/sbin:/usr/bin:/sbin:/bin', SOFTSET_RULE: rule, SOFTSET_ACTION: [name, ...args].join(' ') },
      stdio: ['ignore', 'pipe', 'pipe'],
      // A group of its own: what it started is ended with it.
      detached: true,
      ...(user ?? {}),
    });
    let said = '';
    for (const stream of [child.stdout, child.stderr]) {
      stream.on('data', (bytes: Buffer) => {
        if (said.length < SAID_MAX) said += bytes.toString('utf8').slice(0, SAID_MAX - said.length);
      });
      stream.on('error', () => {});
    }
    let over = false;
    const end = (ok: boolean, message: string): void => {
      if (over) return;
      over = true;
      clearTimeout(deadline);
      done(call, ok, message);
    };
    const deadline = setTimeout(() => {
      killGroup(child.pid);
      end(false, `TIMEOUT: ${name} took longer than ${command.timeoutMs} ms and was killed`);
    }, command.timeoutMs);
    child.on('error', (error) => end(false, `COMMAND: ${error.message}`));
    child.on('close', (code, signal) => {
      const how = code === null ? `signal ${signal}` : `exit ${code}`;
      end(code === 0, code === 0 ? said.trim() : `COMMAND: ${name}: ${how}${said === '' ? '' : `: ${said.trim()}`}`);
    });
  }
}

const RULE_WISH = 'rule-';

function killGroup(pid: number | undefined): void {
  try {
    if (pid !== undefined) process.kill(-pid, 'SIGKILL');
  } catch {
    // It has ended meanwhile.
  }
}

/** From passwd(5): the numbers that spawn wants. */
function accountOf(user: string): { uid: number; gid: number } | undefined {
  try {
    const line = readFileSync('/etc/passwd', 'utf8')
      .split('\n')
      .find((one) => one.startsWith(`${user}:`));
    const [, , uid, gid] = line?.split(':') ?? [];
    return uid === undefined || gid === undefined ? undefined : { uid: Number(uid), gid: Number(gid) };
  } catch {
    return undefined;
  }
}
