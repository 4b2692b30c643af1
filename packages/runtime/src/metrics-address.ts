import { isIP } from 'node:net';
import { fail, ok, type Result } from '@softset/base';

/** Where Prometheus, or a proxy for it, asks. */
export type MetricsAddress =
  | { readonly kind: 'unix'; readonly path?: string }
  | { readonly kind: 'tcp'; readonly host: string; readonly port: number };

const ALLOWED = 'unix, unix:/PATH, PORT (on 127.0.0.1), IPV4:PORT or [IPV6]:PORT';

/** `--metrics`. Without a path a UNIX socket is `RUN_DIR/NAME.metrics.sock`. Error: `USAGE`. */
export function parseMetricsAddress(text: string): Result<MetricsAddress, 'USAGE'> {
  if (text === 'unix') return ok({ kind: 'unix' });
  if (text.startsWith('unix:/')) return ok({ kind: 'unix', path: text.slice('unix:'.length) });
  const found = /^(?:(\d+(?:\.\d+){3}|\[[0-9a-fA-F:.]+\]):)?(\d{1,5})$/.exec(text);
  const host = (found?.[1] ?? '127.0.0.1').replace(/^\[|\]$/g, '');
  const port = Number(found?.[2] ?? 0);
  if (port < 1 || port > 65_535 || isIP(host) === 0) {
    return fail('USAGE', `--metrics is ${ALLOWED}, not "${text}"`);
  }
  return ok({ kind: 'tcp', host, port });
}
