import { ok, type Result } from '@softset/base';
import { openRtnetlink, type Rtnetlink } from '@softset/linux/rtnetlink.js';
import { openRouteMonitor, type RouteMonitor } from '@softset/linux/rtnetlink-monitor.js';
import type { Logger } from '@softset/runtime/log.js';
import { routeChanges } from '../core/paths/route-changes.js';
import type { WantedRoute } from '../core/paths/wanted-routes.js';

/** rtm_protocol of our routes (rtnetlink(7)): above 192, which iproute2's rt_protos leaves to whoever needs one. */
export const ROUTE_PROTOCOL = 213;
/** Before the routes of an administrator who gives a metric at all, and never in the place of one who gives none. */
export const ROUTE_METRIC = 50;
const TABLE_MAIN = 254;
/** Node cannot wait for a netlink socket: it is asked this often, at two microseconds each time. */
const WATCH_MS = 50;

export interface Routes {
  /** Makes the kernel's routes of our protocol these and no others. Returns how many could not be set. */
  apply(wanted: readonly WantedRoute[]): number;
  /** Changes made and refused since the start. */
  stats(): { readonly changed: number; readonly failed: number; readonly reasserted: number };
  /** Stops watching. The routes stay: whoever starts next takes them over. */
  close(): void;
}

/**
 * The kernel's routes of this board, main table. Only routes of protocol 213 are ever touched. What an earlier life left
 * is kept where it is still wanted and deleted otherwise, at the first `apply`. Routes that vanish (a device went down,
 * somebody deleted them) are set again. Fails with errno's name where netlink cannot be opened.
 */
export function openRoutes(options: { readonly log: Logger }): Result<Routes> {
  const requests = openRtnetlink();
  if (!requests.ok) return requests;
  const monitor = openRouteMonitor(['link', 'ipv4-route', 'ipv6-route']);
  if (!monitor.ok) {
    requests.value.close();
    return monitor;
  }
  return ok(new KernelRoutes(requests.value, monitor.value, options.log));
}

class KernelRoutes implements Routes {
  readonly #requests: Rtnetlink;
  readonly #monitor: RouteMonitor;
  readonly #log: Logger;
  readonly #watch: NodeJS.Timeout;
  #wanted: readonly WantedRoute[] | undefined;
  /** What the kernel has of ours; undefined when that must be read again. */
  #installed: WantedRoute[] | undefined;
  /** Failures that have been told: each once, for as long as it lasts. */
  readonly #told = new Map<string, string>();
  #changed = 0;
  #failed = 0;
  #reasserted = 0;

  constructor(requests: Rtnetlink, monitor: RouteMonitor, log: Logger) {
    this.#requests = requests;
    this.#monitor = monitor;
    this.#log = log;
    this.#watch = setInterval(() => this.#look(), WATCH_MS);
  }

  apply(wanted: readonly WantedRoute[]): number {
    this.#wanted = wanted;
    this.#installed ??= this.#read();
    const have = new Map(this.#installed.map((route) => [key(route), route]));
    let failures = 0;
    for (const { act, route } of routeChanges(this.#installed, wanted)) {
      const spec = { ...route, metric: ROUTE_METRIC, protocol: ROUTE_PROTOCOL };
      const done = act === 'replace' ? this.#requests.replaceRoute(spec) : this.#requests.deleteRoute(spec);
      // Already gone is what was wanted: the kernel deletes the routes of a device that goes down.
      const good = done.ok || (act === 'delete' && (done.code === 'ESRCH' || done.code === 'ENODEV'));
      if (good && act === 'replace') have.set(key(route), route);
      if (good && act === 'delete') have.delete(key(route));
      if (good) this.#changed++;
      else failures++;
      this.#tell(route, done, good);
    }
    this.#installed = [...have.values()];
    this.#failed += failures;
    return failures;
  }

  stats(): { readonly changed: number; readonly failed: number; readonly reasserted: number } {
    return { changed: this.#changed, failed: this.#failed, reasserted: this.#reasserted };
  }

  close(): void {
    clearInterval(this.#watch);
    this.#monitor.close();
    this.#requests.close();
  }

  #look(): void {
    const events = this.#monitor.read();
    // IPv4 routes of a device that goes down vanish without a word of their own: its link is the news.
    const news = events.some(
      (event) =>
        event.kind === 'link' ||
        event.kind === 'overrun' ||
        (event.kind === 'route' && event.deleted && event.route.protocol === ROUTE_PROTOCOL),
    );
    if (!news || this.#wanted === undefined) return;
    this.#installed = this.#read();
    const before = this.#changed;
    this.apply(this.#wanted);
    this.#reasserted += this.#changed - before;
  }

  #read(): WantedRoute[] {
    const listed = this.#requests.routes();
    const links = this.#requests.links();
    if (!listed.ok || !links.ok) {
      const failure = listed.ok ? links : listed;
      if (!failure.ok) this.#log.error('routes-unreadable', { code: failure.code, message: failure.message });
      return [];
    }
    const names = new Map(links.value.map((link) => [link.index, link.name]));
    return listed.value
      .filter((r) => r.protocol === ROUTE_PROTOCOL && r.table === TABLE_MAIN && r.metric === ROUTE_METRIC)
      .map((r) => ({ destination: r.destination, via: r.via ?? '', device: names.get(r.index ?? 0) ?? '' }));
  }

  #tell(route: WantedRoute, done: Result<void>, good: boolean): void {
    const known = this.#told.get(route.destination);
    if (good) this.#told.delete(route.destination);
    if (good || done.ok || known === done.code) return;
    this.#told.set(route.destination, done.code);
    this.#log.warn('route-refused', { ...route, code: done.code, message: done.message });
  }
}

function key(route: WantedRoute): string {
  return route.destination;
}
