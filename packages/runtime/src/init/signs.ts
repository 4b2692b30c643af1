/**
 * Signs of life of the daemons under init (sd_notify(3)). Pure; one life of a daemon is told from the next by its pid.
 *
 *   (started) ──READY=1──► ready ──no WATCHDOG=1 for its time──► overdue, once: init kills it
 *
 * Before READY=1 nothing is due: a daemon may wait for its turn to load.
 */
export class Signs {
  readonly #watchdogMs: ReadonlyMap<string, number | undefined>;
  readonly #lives = new Map<string, { pid: number; ready: boolean; heardMs: number }>();

  constructor(daemons: readonly { readonly name: string; readonly watchdogMs: number | undefined }[]) {
    this.#watchdogMs = new Map(daemons.map(({ name, watchdogMs }) => [name, watchdogMs]));
  }

  /** `pid` is the kernel's word on who sent it; whoever is none of the daemons says nothing to us. */
  heard(pid: number, text: string, pids: ReadonlyMap<string, number>, nowMs: number): void {
    const name = [...pids].find(([, own]) => own === pid)?.[0];
    if (name === undefined) return;
    const lines = text.split('\n');
    const life = this.#lives.get(name);
    const same = life?.pid === pid ? life : undefined;
    const ready = same?.ready === true || lines.includes('READY=1');
    if (lines.includes('READY=1') || lines.includes('WATCHDOG=1') || same === undefined)
      this.#lives.set(name, { pid, ready, heardMs: nowMs });
  }

  ready(name: string, pid: number | undefined): boolean {
    const life = this.#lives.get(name);
    return life !== undefined && life.pid === pid && life.ready;
  }

  /** Those that were ready and have been silent for too long; each life is named once. */
  overdue(pids: ReadonlyMap<string, number>, nowMs: number): string[] {
    return [...pids].flatMap(([name, pid]) => {
      const life = this.#lives.get(name);
      const limitMs = this.#watchdogMs.get(name);
      if (limitMs === undefined || life?.pid !== pid || !life.ready || nowMs - life.heardMs <= limitMs) return [];
      this.#lives.delete(name);
      return [name];
    });
  }
}
