import type { BoardId, Cluster, Fault, Network, PulseReport, ServiceState } from '@softset/protocol';
import type { Logger } from '@softset/runtime/log.js';
import { openRoutes, type Routes } from './adapters/routes.js';
import { diagnose } from './core/diagnosis/diagnose.js';
import { FaultBook } from './core/diagnosis/fault-book.js';
import { flappingLinks } from './core/diagnosis/flapping.js';
import { holdersSeen } from './core/paths/holders-seen.js';
import { PathBook } from './core/paths/path-book.js';
import { wantedRoutes } from './core/paths/wanted-routes.js';

/** Reports that come close together are diagnosed together, ms. */
const DIAGNOSE_MS = 50;

/** From what the pulse reports: what is wrong (002 ¶0024), and the routes to every board and service (002 ¶0047). */
export class Ways {
  readonly #cluster: Cluster;
  readonly #self: BoardId;
  readonly #faultBook: FaultBook;
  readonly #paths: PathBook;
  readonly #routes: Routes | undefined;
  #report: PulseReport | undefined;
  #holders = '';
  #prefers: Network = 'A';
  #left: readonly BoardId[] = [];
  #dueMs = Number.POSITIVE_INFINITY;

  constructor(cluster: Cluster, self: BoardId, log: Logger) {
    this.#cluster = cluster;
    this.#self = self;
    this.#faultBook = new FaultBook(cluster.timing.intervalMs);
    this.#paths = new PathBook(self);
    const routes = openRoutes({ log });
    if (!routes.ok) log.error('no-routes', { code: routes.code, message: routes.message });
    this.#routes = routes.ok ? routes.value : undefined;
  }

  /**
   * A new report: routes at once. What is wrong is looked for a moment later, for nothing waits for that but people;
   * but a carrier of this board's own that is gone may be back by then, and is told as it happens.
   */
  note(report: PulseReport, services: readonly ServiceState[], nowMs: number): readonly Fault[] | undefined {
    this.#report = report;
    if (!report.carrier.A || !report.carrier.B) return this.#diagnose(report, services, nowMs);
    this.#paths.note(report, nowMs);
    this.#route(services, nowMs);
    this.#dueMs = Math.min(this.#dueMs, nowMs + DIAGNOSE_MS);
    return undefined;
  }

  #diagnose(report: PulseReport, services: readonly ServiceState[], nowMs: number): readonly Fault[] {
    this.#paths.note(report, nowMs);
    this.#route(services, nowMs);
    const found = [
      ...diagnose(this.#cluster, this.#self, report, nowMs, this.#left),
      ...flappingLinks(this.#cluster, this.#self, this.#paths, nowMs),
    ];
    const faults = this.#faultBook.note(found, nowMs);
    this.#dueMs = Math.min(this.#faultBook.nextMs(nowMs) ?? Infinity, this.#paths.nextMs(nowMs) ?? Infinity);
    return faults;
  }

  /** Services may have changed hands in the register, boards may have left, and another network may be preferred. */
  hold(
    services: readonly ServiceState[],
    { left, prefers }: { left: readonly BoardId[]; prefers: Network },
    nowMs: number,
  ): void {
    if (`${left}` !== `${this.#left}`) {
      this.#left = left;
      this.#dueMs = Math.min(this.#dueMs, nowMs);
    }
    const holders = services.map(({ holder, next }) => `${holder?.board ?? 0} ${next?.board ?? 0}`).join();
    if (holders === this.#holders && prefers === this.#prefers) return;
    this.#holders = holders;
    this.#prefers = prefers;
    this.#paths.prefer(prefers);
    if (this.#report) this.#paths.note(this.#report, nowMs);
    this.#route(services, nowMs);
  }

  #route(services: readonly ServiceState[], nowMs: number): void {
    const report = this.#report;
    if (!report) return;
    const seen = holdersSeen(this.#self, report, services);
    this.#routes?.apply(wantedRoutes(this.#cluster, this.#self, report, seen, this.#paths, nowMs));
  }

  /** Something will be due. */
  get waits(): boolean {
    return this.#dueMs < Number.POSITIVE_INFINITY;
  }

  /** Faults and paths that time alone changes; undefined while none is due. */
  due(services: readonly ServiceState[], nowMs: number): readonly Fault[] | undefined {
    return this.#report !== undefined && nowMs >= this.#dueMs
      ? this.#diagnose(this.#report, services, nowMs)
      : undefined;
  }

  close(): void {
    this.#routes?.close();
  }
}
