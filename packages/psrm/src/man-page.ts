import { fieldRows } from '@softset/protocol/cluster-page.js';

/** psrmd(8): every field of a program's entry and of the ladder comes from the schema that reads it. */
export function manPage(): string {
  return `# psrmd(8)

## Name

psrmd - starts, watches, restarts and stops programs

## Synopsis

    psrmd --cluster FILE --board NAME --run-dir DIR [--stop-programs] [OPTIONS]
    psrmd --cluster FILE --board NAME --run-dir DIR --check-config [--json]

## Description

Runs the programs that the cluster file gives this board: those of services in whose pools it is, and those that name it.
A program that dies is restarted at once; one that dies \`giveUp.deaths\` times within \`giveUp.withinMs\` is given up and
REDIRECT may move its service; one that misses \`probe.fall\` probes in a row is stopped and counts as dead, unless \`hang\`
says otherwise. Nothing in the program needs to change. When psrmd dies, programs run on, and the next psrmd adopts them by pid and start time.

Programs start and stop in the order that \`after\` and \`requires\` give, in parallel where they say nothing. Above a single
program stands the ladder of \`escalation\`: programs given up, then the whole board, then its reboot; each rung has its
count and window.

## Fields together

| fields | interaction |
| --- | --- |
| \`command\`, \`environment\`, \`directory\`, \`run\`, \`limits\`, \`notify\`, \`pidFile\` | a program is started anew when one of these changes with SIGHUP; any other change holds from then on. What PSRM puts into the environment (SOFTSET_…, NOTIFY_SOCKET, WATCHDOG_USEC) goes before \`environment\` |
| \`boards\`, \`exclusive\` | \`boards\` is for programs that no service names; one of a service runs on the boards of its pool: with \`exclusive: program\` where REDIRECT orders it, with \`exclusive: address\` on all of them |
| \`restart\`, \`exits\` | \`exits.final\` and \`exits.again\` go before \`restart\`; \`exits.normal\` is what \`transient\` and \`temporary\` call normal. None of them looks at the end of a program that psrmd itself ended for a hang |
| \`giveUp\`, \`pause\` | every unordered end counts for \`giveUp\`, hangs and \`trouble.action: restart\` as well; \`pause\` only spaces the restarts before it. An ordered start clears both |
| \`ready\`, \`probe\`, \`notify\` | without \`ready\`, the first answered probe or READY=1 makes it ready. \`ready.timeoutMs\` holds for RELOADING, too. \`probe.graceMs\` bounds nothing but when silence begins to count |
| \`probe.intervalMs\`, \`probe.retryMs\`, \`probe.fall\`, \`probe.timeoutMs\` | a hang is found \`intervalMs\` and a quarter of it after it began at the latest, and called one \`fall\` − 1 times \`retryMs\` and one \`timeoutMs\` later; until the first answer, and within \`graceMs\`, it is asked every 50 ms. Without \`intervalMs\` a board asks 20 times a second at most, which 40 programs share at 2 s each and 200 at 10 s: what must be found sooner on a full board names its own, at a hundredth of a percent of a core or so for each question a second. While all is well a question is put off by up to a quarter of its interval, so that many are put at once |
| \`notify.watchdogMs\` | begins with ready; WATCHDOG_USEC of the program changes it for this life |
| \`after\`, \`requires\`, \`ready\` | what is waited for is ready, or up where nothing would ever make it ready. A death that is restarted stops nobody; what requires a program that is stopped or given up is stopped with it, keeps its counts, and begins again with it. They speak of one board: use a service's programs together, not across services |
| \`requires\`, \`stop.timeoutMs\` | an order to stop waits for all that requires the program, so it may take the sum of their times |
| \`escalation\`, \`giveUp\`, \`trouble.action\` | every program of a service that is given up counts, for deaths, \`exits.final\`, \`action: move\` or at its own wish; those that a board failover gives up do not. What a board failover gave up stays so until it is ordered to start, or \`softset psrm clear\` trusts the board again |
| \`hang\`, \`probe.fall\`, \`ready.timeoutMs\`, \`notify.watchdogMs\` | the last three say when it does not respond, \`hang.action\` what follows. With \`nothing\` it is in trouble until it answers \`rise\` times, or says READY=1 or WATCHDOG=1; probes are asked on |
| \`hang\`, \`stop\`, \`giveUp\` | \`stop\` ends it for real first, whatever follows; \`move\` gives it up at the first hang, \`restart\` at the \`giveUp.deaths\`-th death |
| \`role\`, \`exclusive\` | \`exclusive: program\`: active while it is wanted here. \`exclusive: address\`: active while netrackd says that this board holds the service; standby where nobody says so. The hook runs on changes, not at a start |
| \`probe.snmp\` | an answer with an error or without a value is none: ask for a variable of the part that matters |
| \`log.bytesMax\` | beyond it the log is copied to \`NAME.log.1\` and emptied, once a second: disk is bounded by twice that, and what is written in a second |
| \`stop\`, \`trouble\` | \`stop.dump\` is for hangs, not for \`trouble.action\` nor for orders; \`stop.timeoutMs\` begins after it |
| \`limits.memoryBytes\`, \`exits\` | a program at its limit ends by \`OOM\`, where its limit is a cgroup; else it is refused memory (RLIMIT_AS) and ends as it likes |
| \`trouble.memoryBytes\`, \`limits.memoryBytes\` | the first is looked at each \`trouble.everyMs\`, the second cannot be passed |
| \`pidFile\`, \`stop\` | the process that the file names is the program; the stop signal goes to its process group |
| \`run.user\`, \`limits\`, \`run.realTime\` | set before the user changes, so psrmd's rights count |

## Fields of a program

Below \`programs.NAME\` of the cluster file.

| field | what it may be | default | meaning |
| --- | --- | --- | --- |
${fieldRows('programs.NAME.').join('\n')}

## Fields of the ladder

Below \`escalation\` of the cluster file; without it a program that is given up concerns nobody but its service.

| field | what it may be | default | meaning |
| --- | --- | --- | --- |
${fieldRows('escalation.').join('\n')}

## What a program may say

By sd_notify(3), where its entry has \`notify\`: READY, STATUS, RELOADING, STOPPING, WATCHDOG, WATCHDOG_USEC,
EXTEND_TIMEOUT_USEC, MAINPID; and two of PSRM's own, \`X_SOFTSET_HEALTH=\` with what ails it, or \`ok\`, and
\`X_SOFTSET_ASK=restart\` or \`move\`. By the control socket the same with the method \`tell\`; \`ownProgram\` of
\`@softset/client\` does that. A program that is in trouble by its own word is told of and left alone; one that asks to be
restarted dies a death that counts; one that asks to be moved is given up here, so that REDIRECT starts it elsewhere.

In its environment: \`SOFTSET_PROGRAM\`, \`SOFTSET_BOARD\`, \`SOFTSET_RUN_DIR\`, \`SOFTSET_START\` (the number of its life), and
\`SOFTSET_ROLE\` (\`active\` or \`standby\`) where it belongs to a service. Its role hook has \`SOFTSET_ROLE\`, \`SOFTSET_SERVICE\`
and \`SOFTSET_PID\`.

## Options

| option | meaning |
| --- | --- |
| \`--cluster FILE\` | the cluster file, softset-cluster(5) |
| \`--board NAME\` | this board's name in it |
| \`--run-dir DIR\` | sockets, locks and what must not outlive the kernel; on a memory file system. Made if missing |
| \`--state-dir DIR\` | on a disk: the ladder's counts, which must outlive a reboot; default: the run directory |
| \`--boot-id-file FILE\` | in place of \`/proc/sys/kernel/random/boot_id\`, where boards share a kernel |
| \`--log-level LEVEL\` | \`debug\`, \`info\` (default), \`warn\`, \`error\` |
| \`--metrics ADDRESS\` | answers \`GET /metrics\` at \`unix\` (\`RUN_DIR/psrmd.metrics.sock\`), \`unix:/PATH\`, \`PORT\` (on 127.0.0.1), \`IPV4:PORT\` or \`[IPV6]:PORT\`; without it nowhere |
| \`--check-config\` | says whether the configuration is good, and leaves |
| \`--json\` | with \`--check-config\`: one JSON object with \`ok\`, \`code\`, \`message\` |
| \`--version\`, \`--help\` | |
| \`--stop-programs\` | SIGTERM stops the programs as well |

## Files

| file | what |
| --- | --- |
| \`RUN_DIR/psrmd.sock\` | control socket: \`status\`, \`why\`, \`start\`, \`stop\`, \`restart\`, \`clear\`, \`tell\`; topic \`programs\` |
| \`RUN_DIR/programs/NAME.json\` | what outlives psrmd: wanted state, counts, process |
| \`RUN_DIR/programs/NAME.history\` | its last 200 to 400 chapters, a line of JSON each: \`softset psrm why\` |
| \`RUN_DIR/log/NAME.log\`, \`NAME.log.1\` | what the program wrote, \`log.bytesMax\` each |
| \`RUN_DIR/log/NAME.times\`, \`NAME.times.1\` | by when each part of them was written: \`WALL_MS SIZE\` a line |
| \`STATE_DIR/psrm-ladder.json\` | when programs were given up, the board failed over, and it was rebooted |
| \`RUN_DIR/psrmd.lock\` | one for each run directory |

## Signals

SIGHUP reads the cluster file again: only what changed changes, and a file that is refused changes nothing. SIGTERM and
SIGINT stop psrmd in order. Programs go on, unless it was started with \`--stop-programs\`.

## Exit codes

| code | meaning |
| --- | --- |
| 0 | stopped in order, or \`--check-config\` found nothing |
| 1 | refused: configuration, key, or a second one for this board; one line on standard error says why |
| 70 | crashed; \`RUN_DIR/psrmd.crash.json\` has its last events. After a second crash in a minute it returns passive |
| 100 | usage |
| 111 | system: errno's name is in the message |

## Examples

    psrmd --cluster /etc/softset/chassis.yaml --board cpu-1 --run-dir /run/softset
    softset psrm status
    softset psrm restart echo
    softset psrm log --follow echo
    softset psrm why echo

## See also

netrackd(8), redirectd(8), softset(1), softset-cluster(5)
`;
}
