import type { DaemonFact, Facts } from './facts.js';
import { type Finding, fault, warning } from './finding.js';

/** Bits of capabilities(7). */
const CAPABILITIES = { CAP_NET_ADMIN: 12n, CAP_NET_RAW: 13n, CAP_SYS_NICE: 23n } as const;
const SCHED_RR = 2;
const always = ['netrack-pulse', 'netrackd', 'redirectd'] as const;
const realTime: readonly string[] = always;

/** Which run, with which rights; and whether the way is free for those that do not. */
export function daemonFindings(facts: Facts): Finding[] {
  const { daemons, cluster, board, takenPorts } = facts;
  const own = cluster?.boards.find(({ name }) => name === board);
  const needsPsrm = own !== undefined && cluster?.programs.some(({ boards }) => boards.includes(own.id));
  const wanted = [...always, ...(needsPsrm ? (['psrmd'] as const) : [])];
  const silent = wanted.filter((name) => daemons.every((daemon) => daemon.name !== name));
  const findings = daemons.flatMap(rightsOf);
  if (silent.length > 0 && own !== undefined) {
    const what = silent.length === wanted.length ? 'no daemon runs' : `not running: ${silent.join(', ')}`;
    findings.push(
      warning('NOT_RUNNING', what, 'systemctl start softset.target; journalctl -u netrackd says why one ended'),
    );
  }
  if (silent.includes('netrack-pulse') && takenPorts.length > 0)
    findings.push(
      fault(
        'PORT_TAKEN',
        `another program serves UDP port ${takenPorts.join(', ')}`,
        'ss -lunp shows which; end it, or change ports in the cluster file on every board',
      ),
    );
  return findings;
}

function rightsOf({ name, pid, capabilities, policy, outdated }: DaemonFact): Finding[] {
  const findings: Finding[] = [];
  const lacking = Object.entries(CAPABILITIES).filter(([, bit]) => (capabilities & (1n << bit)) === 0n);
  if (realTime.includes(name) && lacking.length > 0) {
    const names = lacking.map(([capability]) => capability).join(', ');
    findings.push(
      fault(
        'CAPABILITY_MISSING',
        `${name} (pid ${pid}) lacks ${names}`,
        `AmbientCapabilities of ${name}.service; systemctl cat ${name} shows what changed it`,
      ),
    );
  } else if (realTime.includes(name) && policy !== SCHED_RR)
    findings.push(
      warning(
        'NOT_REAL_TIME',
        `${name} (pid ${pid}) has no real-time priority`,
        'see NO_REAL_TIME; journalctl has its own words on it',
      ),
    );
  if (outdated)
    findings.push(
      warning(
        'OUTDATED',
        `${name} (pid ${pid}) runs a program that was replaced since`,
        `systemctl restart ${name}: addresses stay`,
      ),
    );
  return findings;
}
