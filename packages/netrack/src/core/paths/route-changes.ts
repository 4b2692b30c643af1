import type { WantedRoute } from './wanted-routes.js';

export interface RouteChange {
  readonly act: 'replace' | 'delete';
  readonly route: WantedRoute;
}

/**
 * The fewest changes that make `installed` into `wanted`. A route that goes another way is replaced in one step; routes
 * that are to go are deleted last, so that no destination is without a route in between.
 */
export function routeChanges(installed: readonly WantedRoute[], wanted: readonly WantedRoute[]): RouteChange[] {
  const have = new Map(installed.map((route) => [route.destination, route]));
  const want = new Set(wanted.map((route) => route.destination));
  const changed = wanted.filter((route) => {
    const old = have.get(route.destination);
    return old === undefined || old.via !== route.via || old.device !== route.device;
  });
  return [
    ...changed.map((route): RouteChange => ({ act: 'replace', route })),
    ...installed.filter((r) => !want.has(r.destination)).map((route): RouteChange => ({ act: 'delete', route })),
  ];
}
