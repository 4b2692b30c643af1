import { fstatSync } from 'node:fs';
import type { NowMs } from '@softset/base';
import { nowMs as monotonicMs } from './now-ms.js';
import { safeJson } from './safe-json.js';
import { stderrLine } from './stderr-lines.js';

/** State changes are `info`, packets `debug`; `warn` is something to look at, `error` something that failed. */
export const logLevels = ['debug', 'info', 'warn', 'error'] as const;
export type LogLevel = (typeof logLevels)[number];

/** Further fields of a line: `peer`, `code`, `durationMs` and whatever the event needs. */
export type LogFields = Readonly<Record<string, unknown>>;

export interface Logger {
  debug(event: string, fields?: LogFields): void;
  info(event: string, fields?: LogFields): void;
  warn(event: string, fields?: LogFields): void;
  error(event: string, fields?: LogFields): void;
  /** Whether a line of this level would be written: ask before computing costly fields. */
  enabled(level: LogLevel): boolean;
  setLevel(level: LogLevel): void;
  /** The same log, with fields that go on every line. */
  with(fields: LogFields): Logger;
}

/** syslog(3)'s severities. */
const priorities: Readonly<Record<LogLevel, number>> = { debug: 7, info: 6, warn: 4, error: 3 };

/**
 * Whether lines begin with `<N>`, by which journald (sd-daemon(3)) and `logger --prio-prefix` know how bad they are: where
 * standard error is the journal (systemd.exec(5), JOURNAL_STREAM), or SOFTSET_LOG=syslog says so.
 */
export function wantsPriorities(env: NodeJS.ProcessEnv = process.env, fd = 2): boolean {
  if (env.SOFTSET_LOG === 'syslog') return true;
  if (env.JOURNAL_STREAM === undefined) return false;
  try {
    const { dev, ino } = fstatSync(fd, { bigint: true });
    return env.JOURNAL_STREAM === `${dev}:${ino}`;
  } catch {
    return false;
  }
}

export interface LoggerOptions {
  readonly component: string;
  readonly board: string;
  /** Default `info`. */
  readonly level?: LogLevel;
  /** Takes one line with its newline; must not throw. Default: standard error. */
  readonly write?: (line: string) => void;
  /** Default: by `wantsPriorities`. */
  readonly priorities?: boolean;
  readonly nowMs?: NowMs;
  readonly wallTime?: () => Date;
  /** Lines of one event within `rateMs` (default 20 in 1,000 ms); the rest are counted and summed up in one line. */
  readonly rateLines?: number;
  readonly rateMs?: number;
}

const OWN = ['time', 'level', 'component', 'board', 'event'];

/** Fields with the names of the line's own, such as the board that was drained: below `about`, so that none is lost. */
function aboutOthers(fields: LogFields): { readonly about?: LogFields } {
  const alike = Object.entries(fields).filter(([name]) => OWN.includes(name));
  return alike.length === 0 ? {} : { about: Object.fromEntries(alike) };
}

interface Window {
  readonly startedMs: number;
  lines: number;
  suppressed: number;
}

/** Event names are constants of the code. Should one be made from input after all, memory stays bounded. */
const eventsMax = 1_000;

/** One JSON line per event. The event is a constant in kebab-case (`beat-dropped`); what varies goes into fields. */
export function createLogger(options: LoggerOptions): Logger {
  const { component, board, write = stderrLine, nowMs = monotonicMs, wallTime = () => new Date() } = options;
  const { rateLines = 20, rateMs = 1_000, priorities: prefixed = wantsPriorities() } = options;
  const windows = new Map<string, Window>();
  let threshold = logLevels.indexOf(options.level ?? 'info');
  let _sweep: NodeJS.Timeout | undefined;

  const line = (level: LogLevel, event: string, fields: LogFields): void => {
    // Given fields come first: they may not pass themselves off as another component or board.
    const head = prefixed ? `<${priorities[level]}>` : '';
    const own = { time: wallTime().toISOString(), level, component, board, event };
    write(`${head}${safeJson({ ...fields, ...aboutOthers(fields), ...own })}\n`);
  };
  const close = (key: string, window: Window): void => {
    windows.delete(key);
    const [level = 'info', event = ''] = key.split(' ', 2) as [LogLevel, string];
    if (window.suppressed > 0) line(level, event, { suppressed: window.suppressed, withinMs: rateMs });
  };
  const sweepLater = (): void => {
    _sweep ??= setTimeout(() => {
      _sweep = undefined;
      for (const [key, window] of windows) if (nowMs() - window.startedMs >= rateMs) close(key, window);
      if (windows.size > 0) sweepLater();
    }, rateMs).unref();
  };
  const admitted = (level: LogLevel, event: string): boolean => {
    const key = `${level} ${windows.size < eventsMax || windows.has(`${level} ${event}`) ? event : 'other'}`;
    let window = windows.get(key);
    if (window !== undefined && nowMs() - window.startedMs >= rateMs) {
      close(key, window);
      window = undefined;
    }
    if (window === undefined) {
      window = { startedMs: nowMs(), lines: 0, suppressed: 0 };
      windows.set(key, window);
    }
    if (window.lines < rateLines) {
      window.lines++;
      return true;
    }
    window.suppressed++;
    sweepLater();
    return false;
  };

  const logger = (always: LogFields): Logger => {
    const at = (level: LogLevel) => (event: string, fields?: LogFields) => {
      if (logLevels.indexOf(level) < threshold || !admitted(level, event)) return;
      line(level, event, { ...always, ...fields });
    };
    return {
      debug: at('debug'),
      info: at('info'),
      warn: at('warn'),
      error: at('error'),
      enabled: (level) => logLevels.indexOf(level) >= threshold,
      setLevel: (level) => {
        threshold = logLevels.indexOf(level);
      },
      with: (fields) => logger({ ...always, ...fields }),
    };
  };
  return logger({});
}
