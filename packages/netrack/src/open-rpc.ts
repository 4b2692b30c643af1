import { z } from 'zod';
import { DESCRIBED, netrackState } from './described.js';

const schemaOf = (schema: z.ZodType): object => {
  const { $schema: _, ...json } = z.toJSONSchema(schema, { unrepresentable: 'any' });
  return json;
};

/**
 * netrackd's control socket in OpenRPC 1.3.2 (spec.open-rpc.org), for languages other than this one. JSON-RPC 2.0 over WebSocket on a
 * UNIX socket; parameters by name. Failures carry their stable code in `error.data.code`.
 */
export function openRpc(): string {
  const methods = DESCRIBED.map(({ method, summary, params, result, errors }) => {
    const { properties = {}, required = [] } = schemaOf(params) as {
      properties?: Record<string, object>;
      required?: string[];
    };
    return {
      name: method,
      summary,
      paramStructure: 'by-name',
      params: Object.entries(properties).map(([name, schema]) => ({ name, required: required.includes(name), schema })),
      result: {
        name: 'result',
        schema: method === 'status' ? { $ref: '#/components/schemas/State' } : schemaOf(result),
      },
      ...(errors.length === 0 ? {} : { 'x-error-codes': errors }),
    };
  });
  const subscribe = {
    name: 'subscribe',
    summary: 'Streams a topic as notifications "subscription"; the first of them carries a snapshot.',
    paramStructure: 'by-name',
    params: [{ name: 'topic', required: true, schema: { const: 'state' } }],
    result: {
      name: 'result',
      schema: {
        type: 'object',
        properties: { subscription: { type: 'integer' }, origin: { type: 'string' } },
        required: ['subscription', 'origin'],
      },
    },
  };
  const document = {
    openrpc: '1.3.2',
    info: { title: 'netrackd', version: '1', description: 'RUN_DIR/netrackd.sock, JSON-RPC 2.0 over WebSocket' },
    servers: [{ name: 'this board', url: 'ws+unix:///run/softset/netrackd.sock' }],
    methods: [...methods, subscribe],
    components: { schemas: { State: schemaOf(netrackState) } },
  };
  return `${JSON.stringify(document, undefined, 2)}\n`;
}
