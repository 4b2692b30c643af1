import { z } from 'zod';
import { DESCRIBED } from './described.js';
import { netrackState } from './described-state.js';

const schemaOf = (schema: z.ZodType): object => {
  const { $schema: _, ...json } = z.toJSONSchema(schema, { unrepresentable: 'any' });
  return json;
};

const integers = (...names: readonly string[]): object =>
  Object.fromEntries(names.map((name) => [name, { type: 'integer' }]));

/** What every control socket has of itself (protocol/src/control.ts). */
const BUILT_IN = [
  {
    name: 'subscribe',
    summary:
      'Streams a topic as notifications "subscription"; the first of them carries a snapshot, or what followed `after`.',
    paramStructure: 'by-name',
    params: [
      {
        name: 'topic',
        required: true,
        schema: { enum: ['state', 'agent', 'wishes', 'programOrders', 'programWishes'] },
      },
      {
        name: 'after',
        required: false,
        schema: {
          type: 'object',
          properties: { origin: { type: 'string' }, ...integers('sequence') },
          required: ['origin', 'sequence'],
        },
      },
    ],
    result: {
      name: 'result',
      schema: {
        type: 'object',
        properties: { ...integers('subscription'), origin: { type: 'string' } },
        required: ['subscription', 'origin'],
      },
    },
    'x-for': 'everybody; programWishes is psrmd’s, all others but state are redirectd’s',
  },
  {
    name: 'unsubscribe',
    summary: 'Ends a subscription.',
    paramStructure: 'by-name',
    params: [{ name: 'subscription', required: true, schema: { type: 'integer' } }],
    result: { name: 'result', schema: {} },
    'x-for': 'everybody',
  },
];

/**
 * netrackd's control socket in OpenRPC 1.3.2 (spec.open-rpc.org), for languages other than this one: all that it serves.
 * JSON-RPC 2.0 over WebSocket on a UNIX socket; parameters by name. Failures carry their stable code in
 * `error.data.code`.
 */
export function openRpc(): string {
  const methods = Object.entries(DESCRIBED).map(([name, { summary, params, result, errors, example, ...rest }]) => {
    const { properties = {}, required = [] } = schemaOf(params) as {
      properties?: Record<string, object>;
      required?: string[];
    };
    return {
      name,
      summary,
      paramStructure: 'by-name',
      params: Object.entries(properties).map(([field, schema]) => ({
        name: field,
        required: required.includes(field),
        schema,
      })),
      result: {
        name: 'result',
        schema: name === 'status' ? { $ref: '#/components/schemas/State' } : schemaOf(result),
      },
      examples: [
        {
          name: 'example',
          params: Object.entries(example.params).map(([field, value]) => ({ name: field, value })),
          ...(example.result === undefined ? {} : { result: { name: 'result', value: example.result } }),
        },
      ],
      'x-for': rest.for,
      ...(errors.length === 0 ? {} : { 'x-error-codes': errors }),
    };
  });
  const document = {
    openrpc: '1.3.2',
    info: { title: 'netrackd', version: '1', description: 'RUN_DIR/netrackd.sock, JSON-RPC 2.0 over WebSocket' },
    servers: [{ name: 'this board', url: 'ws+unix:///run/softset/netrackd.sock' }],
    methods: [...methods, ...BUILT_IN],
    components: { schemas: { State: schemaOf(netrackState) } },
  };
  return `${JSON.stringify(document, undefined, 2)}\n`;
}
