import { openRpc } from './dist/open-rpc.js';

export const generated = [{ path: 'docs/netrackd.openrpc.json', make: () => openRpc() }];
