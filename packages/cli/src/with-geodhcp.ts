import { type GeoDhcpClient, geoDhcpClient } from '@softset/client';
import { refuse } from './say.js';
import { oneTarget, type TargetOptions } from './targets.js';

/** Has `work` speak to the geodhcpd of one board; where none answers, `hint` says what to do. Returns the exit code. */
export async function withGeoDhcp(
  options: TargetOptions,
  hint: string,
  work: (client: GeoDhcpClient) => Promise<number>,
): Promise<number> {
  const target = await oneTarget(options);
  if (!target.ok) return refuse(target);
  const client = geoDhcpClient(target.value.runDir, { name: 'softset', retry: 'none' });
  try {
    const ready = await client.ready();
    return ready.ok ? await work(client) : refuse(ready, hint);
  } finally {
    client.close();
  }
}
