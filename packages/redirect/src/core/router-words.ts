import { type BoardId, boardById, type Cluster } from '@softset/protocol';

/** A router's command with what it is to be told: `SERVICE ADDRESSES BOARD VIA_A VIA_B TERM`, addresses with commas. */
export function routerWords(
  cluster: Cluster,
  router: string,
  service: string,
  board: BoardId,
  term: number,
): { readonly command: readonly string[]; readonly timeoutMs: number } | undefined {
  const entry = cluster.routers?.find(({ name }) => name === router);
  const target = boardById(cluster, board);
  const about = cluster.services.find(({ name }) => name === service);
  if (entry === undefined || target === undefined || about === undefined) return undefined;
  const addresses = about.addresses.map(({ ip, length }) => `${ip}/${length}`).join();
  const { A, B } = target.addresses;
  return { command: [...entry.tell, service, addresses, target.name, A, B, `${term}`], timeoutMs: entry.timeoutMs };
}
