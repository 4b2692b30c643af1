import { spawn } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parsePrefix } from '@softset/base';
import { switchAgentFolder } from '../board-paths.js';
import { switchAgentCommand } from '../switch-agent/snmpd.js';
import { bridge } from '../switch-rules.js';
import { networks, type SnmpAgents } from '../topology.js';
import { switchName } from './scripts.js';

/** One that ends is started again, as a switch's own would be. */
const AGAIN_MS = 1000;

/** To read its bridge and to take its ports down and up; to listen at port 161. No other right of root's. */
const RIGHTS = ['--bounding-set=-all,+net_admin,+net_bind_service'];

/**
 * Starts the agents of the switches, each inside its switch. They end with the lab. A switch's faults do not end its agent:
 * one that is mute or down is one that nobody reaches, and its agent with it.
 */
export function startSwitchAgents({ community, port, switches }: SnmpAgents, labDir: string): void {
  for (const network of networks) {
    const agent = switches[network];
    const address = parsePrefix(agent?.address ?? '');
    if (agent === undefined || !address.ok) continue;
    const folder = switchAgentFolder(labDir, network);
    const name = switchName(network);
    const { command, env } = switchAgentCommand({
      ...{ sysName: name, address: address.value.ip, udpPort: port, bridge, folder, community },
      ...{ writable: true, more: agent.more },
    });
    writeFileSync(join(folder, 'overlay.json'), JSON.stringify(agent.overlay));
    const args = [`--net=/run/netns/${name}`, '--', 'setpriv', ...RIGHTS, ...command];
    const start = (): void => {
      const child = spawn('nsenter', args, { stdio: 'ignore', env: { ...process.env, ...env } });
      let over = false;
      const again = (): void => {
        if (!over) setTimeout(start, AGAIN_MS);
        over = true;
      };
      child.once('exit', again).once('error', again);
    };
    start();
  }
}
