import { type ActionWord, actionKinds, actionShape } from './rules-actions.js';
import { type Field, rulesFileShape, type Shape } from './rules-shape.js';

type Json = { readonly [key: string]: unknown };

const durationPattern = '^\\d{1,9}(\\.\\d{1,3})?(ms|s|m|h|d)$';
const patterns: Readonly<Record<string, string>> = {
  duration: durationPattern,
  limit: '^(none|\\d{1,4} per \\d{1,9}(\\.\\d{1,3})?(ms|s|m|h|d))$',
  name: '^[a-z][a-z0-9_-]{0,31}$',
  scope: '^each (board( in \\S+)?|spare of \\S+|service|program)$',
  selector: '^(spare|member|peer|pool) of \\S+$',
};

/** JSON Schema (draft 2020-12) of a rules file, for editors; what it cannot say, `softset rules check` says. */
export function rulesFileJsonSchema(): string {
  const schema = {
    $schema: 'https://json-schema.org/draft/2020-12/schema',
    title: 'SOFTSET rules file',
    ...schemaOf(rulesFileShape),
    $defs: { condition: conditionSchema, actions: actionsSchema() },
  };
  return `${JSON.stringify(schema, null, 2)}\n`;
}

const conditionSchema: Json = {
  description: 'FACT [over TIME | rate TIME | changes TIME] OPERATOR [VALUE], or all:, any:, not:',
  anyOf: [
    { type: 'string', pattern: '^\\S+\\.\\S+ ' },
    ...['all', 'any'].map((word) => ({
      type: 'object',
      properties: { [word]: { type: 'array', minItems: 1, items: { $ref: '#/$defs/condition' } } },
      required: [word],
      additionalProperties: false,
    })),
    {
      type: 'object',
      properties: { not: { $ref: '#/$defs/condition' } },
      required: ['not'],
      additionalProperties: false,
    },
  ],
};

function actionsSchema(): Json {
  const words = Object.keys(actionKinds) as ActionWord[];
  const properties = Object.fromEntries(
    words.map((word) => {
      const { meaning, short } = actionKinds[word];
      const whole = schemaOf(actionShape(word));
      return [
        word,
        { description: meaning, ...(short === undefined ? whole : { anyOf: [{ type: ['string', 'number'] }, whole] }) },
      ];
    }),
  );
  const action = { type: 'object', properties, additionalProperties: false, minProperties: 1, maxProperties: 1 };
  return { type: 'array', minItems: 1, maxItems: 32, items: action };
}

function schemaOf(shape: Shape): Json {
  switch (shape.kind) {
    case 'text': {
      if (shape.values !== undefined) return { enum: shape.values };
      const pattern = patterns[shape.syntax];
      // A number is a good text: a value, an argument.
      return pattern === undefined ? { type: ['string', 'number', 'boolean'] } : { type: 'string', pattern };
    }
    case 'number':
      return { type: 'integer', minimum: shape.min, maximum: shape.max };
    case 'scalar':
      return { type: ['string', 'number', 'boolean'] };
    case 'list':
      return { type: 'array', minItems: shape.min, maxItems: shape.max, items: schemaOf(shape.of) };
    case 'names': {
      const keys = patterns[shape.keys];
      return {
        type: 'object',
        minProperties: shape.min,
        maxProperties: shape.max,
        ...(keys === undefined ? {} : { propertyNames: { pattern: keys } }),
        additionalProperties: schemaOf(shape.of),
      };
    }
    case 'map':
      return mapSchema(shape.fields);
    case 'condition':
      return { $ref: '#/$defs/condition' };
    case 'actions':
      return { $ref: '#/$defs/actions' };
  }
}

function mapSchema(fields: Readonly<Record<string, Field>>): Json {
  const entries = Object.entries(fields);
  const properties = Object.fromEntries(
    entries.map(([key, field]) => {
      const fallback = field.default === undefined ? '' : ` Default: ${field.default}.`;
      return [key, { description: `${field.meaning}.${fallback}`, ...schemaOf(field.shape) }];
    }),
  );
  const required = entries.filter(([, field]) => field.required === true).map(([key]) => key);
  return { type: 'object', properties, ...(required.length === 0 ? {} : { required }), additionalProperties: false };
}
