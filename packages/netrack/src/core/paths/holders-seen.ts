import type { BoardId, PulseReport, ServiceState } from '@softset/protocol';

/**
 * Who answers for each service, as the beats say it: a board whose element stands says so at once, before the register
 * has gone round. Where the beats name nobody, or more than one, the register's word stands; and where its holder is
 * gone, whoever comes next.
 */
export function holdersSeen(self: BoardId, report: PulseReport, services: readonly ServiceState[]): ServiceState[] {
  return services.map((service) => {
    const boards = report.boards.filter((peer) => peer.verdict === 'up' && peer.leases.includes(service.service));
    const seen = boards.map((peer) => peer.board);
    const own = report.held.find((held) => held.service === service.service);
    if (own) seen.push(self);
    const [only] = seen;
    if (seen.length === 1 && only !== undefined) {
      const grant = [service.holder, service.next].find((place) => place?.board === only)?.grant ?? { term: 0, n: 0 };
      return { ...service, holder: { board: only, grant } };
    }
    return service.holder === undefined && service.next ? { ...service, holder: service.next } : service;
  });
}
