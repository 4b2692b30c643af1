import { fail, ok, type Result } from '@softset/base';
import type { ProgramRole, PsrmTopics } from '@softset/protocol';
import { type PsrmClient, psrmClient } from './daemons.js';

/** A program that PSRM runs, as seen from within. All calls fail as `tell` of psrmd does, or as any call. */
export interface OwnProgram {
  readonly name: string;
  readonly board: string;
  /** At the start of this life; `onRole` tells what it becomes. Absent where it belongs to no service. */
  readonly role: ProgramRole | undefined;
  readonly client: PsrmClient;
  /** It is in trouble, and why: told to all boards, and nothing follows. */
  ails(why: string): Promise<Result<unknown>>;
  /** It is in trouble no more. */
  isWell(): Promise<Result<unknown>>;
  /** To be stopped and started again; that counts as a death. */
  askRestart(why?: string): Promise<Result<unknown>>;
  /** To be stopped and given up here, so that REDIRECT starts its equivalent on another board. */
  askMove(why?: string): Promise<Result<unknown>>;
  /** Hears each change of its role, and the role as it stands first. Returns what ends it. */
  onRole(hear: (role: ProgramRole) => void): () => void;
  close(): void;
}

/**
 * For applications that know of PSRM (002 ¶0030). Who it is stands in the environment that psrmd gave it. Its process must
 * be allowed to open psrmd's control socket. Error: `NOT_UNDER_PSRM`.
 */
export function ownProgram(
  environment: Readonly<Record<string, string | undefined>> = process.env,
): Result<OwnProgram, 'NOT_UNDER_PSRM'> {
  const { SOFTSET_PROGRAM: name, SOFTSET_BOARD: board, SOFTSET_RUN_DIR: runDir, SOFTSET_ROLE: at } = environment;
  if (name === undefined || board === undefined || runDir === undefined)
    return fail('NOT_UNDER_PSRM', 'no SOFTSET_PROGRAM, SOFTSET_BOARD and SOFTSET_RUN_DIR: psrmd did not start this');
  const role = at === 'active' || at === 'standby' ? at : undefined;
  const client = psrmClient(runDir, { name: `program:${name}`.slice(0, 64) });
  const tell = async (what: { ailment?: string; ask?: 'restart' | 'move' }): Promise<Result<unknown>> => {
    const ready = await client.ready();
    return ready.ok ? client.call('tell', { program: name, ...what }) : ready;
  };
  const because = (why: string | undefined) => (why === undefined ? {} : { ailment: why });
  return ok({
    ...{ name, board, role, client },
    ails: (why) => tell({ ailment: why }),
    isWell: () => tell({ ailment: '' }),
    askRestart: (why) => tell({ ask: 'restart', ...because(why) }),
    askMove: (why) => tell({ ask: 'move', ...because(why) }),
    onRole: (hear) => {
      let told: ProgramRole | undefined;
      const look = (list: PsrmTopics['programs'] | null): void => {
        const now = list?.programs.find((one) => one.program === name)?.role;
        if (now === undefined || now === told) return;
        told = now;
        hear(now);
      };
      const subscription = client.subscribe('programs', look, look);
      return () => subscription.close();
    },
    close: () => client.close(),
  });
}
