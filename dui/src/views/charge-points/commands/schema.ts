/** Forms out of JSON schemas: what a schema asks for, what stands in the form, and what is sent. Pure. */

export interface Schema {
  $ref?: string;
  type?: string;
  title?: string;
  format?: string;
  enum?: string[];
  anyOf?: Schema[];
  items?: Schema;
  properties?: Record<string, Schema>;
  required?: string[];
  minLength?: number;
  maxLength?: number;
  minimum?: number;
  maximum?: number;
  exclusiveMinimum?: number;
  multipleOf?: number;
}

export type Definitions = Readonly<Record<string, Schema>>;

/** What stands in a form: texts of controls, in the shape of the schema; null: left out. */
export type Draft = string | null | Draft[] | { [name: string]: Draft };

/** Where in the form, as a JSON pointer, to what is wrong there. */
export type Faults = Readonly<Record<string, FaultKind>>;
export type FaultKind = 'missing' | 'number' | 'range' | 'long' | 'moment';

/** Follow references, and leave out null: optional fields are known by `required`. */
export function resolved(schema: Schema, definitions: Definitions): Schema {
  if (schema.$ref) return resolved(definitions[schema.$ref.split('/').at(-1) ?? ''] ?? {}, definitions);
  const kind = schema.anyOf?.find((each) => each.type !== 'null');
  return kind ? resolved(kind, definitions) : schema;
}

/** What a form begins with: required parts are there, values are those of `example`. */
export function draftOf(schema: Schema, definitions: Definitions, example: unknown): Draft {
  const known = resolved(schema, definitions);
  if (known.properties) {
    const given = isObject(example) ? example : {};
    const parts = Object.entries(known.properties).map(([name, part]) => {
      const isAsked = known.required?.includes(name) ?? false;
      const isGiven = given[name] != null;
      return [name, isAsked || isGiven ? draftOf(part, definitions, given[name]) : null] as const;
    });
    return Object.fromEntries(parts);
  }
  if (known.type === 'array') {
    const items = Array.isArray(example) ? example : [];
    return items.map((item) => draftOf(known.items ?? {}, definitions, item));
  }
  if (example == null) return '';
  return known.format === 'date-time' ? localMoment(new Date(String(example))) : String(example);
}

/** A moment as a `datetime-local` control takes it, in the viewer's zone. */
export function localMoment(moment: Date): string {
  if (Number.isNaN(moment.getTime())) return '';
  const two = (value: number) => String(value).padStart(2, '0');
  const day = `${moment.getFullYear()}-${two(moment.getMonth() + 1)}-${two(moment.getDate())}`;
  return `${day}T${two(moment.getHours())}:${two(moment.getMinutes())}`;
}

/** The JSON that a form stands for; undefined: nothing. */
export function valueOf(schema: Schema, definitions: Definitions, draft: Draft, isRequired = true): unknown {
  const known = resolved(schema, definitions);
  if (draft === null) return undefined;
  if (Array.isArray(draft)) return draft.map((item) => valueOf(known.items ?? {}, definitions, item));
  if (typeof draft === 'object') {
    const parts = Object.entries(known.properties ?? {}).map(([name, part]) => {
      const value = valueOf(part, definitions, draft[name] ?? null, known.required?.includes(name) ?? false);
      return [name, value] as const;
    });
    return Object.fromEntries(parts.filter(([, value]) => value !== undefined));
  }
  if (draft === '' && !(isRequired && known.type === 'string' && !known.minLength && !known.enum && !known.format)) return undefined;
  if (known.type === 'integer' || known.type === 'number') return Number(draft);
  if (known.format === 'date-time') return new Date(draft).toISOString();
  return draft;
}

/** What has to be mended before a form can be sent. */
export function faultsOf(schema: Schema, definitions: Definitions, draft: Draft, isRequired = true, at = ''): Faults {
  const known = resolved(schema, definitions);
  if (draft === null) return isRequired ? { [at]: 'missing' } : {};
  if (Array.isArray(draft)) {
    return merged(draft.map((item, place) => faultsOf(known.items ?? {}, definitions, item, true, `${at}/${place}`)));
  }
  if (typeof draft === 'object') {
    const parts = Object.entries(known.properties ?? {}).map(([name, part]) =>
      faultsOf(part, definitions, draft[name] ?? null, known.required?.includes(name) ?? false, `${at}/${name}`),
    );
    return merged(parts);
  }
  const fault = faultOf(known, draft, isRequired);
  return fault ? { [at]: fault } : {};
}

function faultOf(schema: Schema, text: string, isRequired: boolean): FaultKind | null {
  if (text.trim() === '') {
    const isText = schema.type === 'string' && !schema.enum && !schema.format && !schema.minLength;
    return isRequired && !isText ? 'missing' : null;
  }
  if (schema.type === 'integer' || schema.type === 'number') return numberFault(schema, text);
  if (schema.format === 'date-time') return Number.isNaN(new Date(text).getTime()) ? 'moment' : null;
  return schema.maxLength !== undefined && text.length > schema.maxLength ? 'long' : null;
}

function numberFault(schema: Schema, text: string): FaultKind | null {
  const value = Number(text);
  if (!Number.isFinite(value) || (schema.type === 'integer' && !Number.isInteger(value))) return 'number';
  const isLow = schema.minimum !== undefined && value < schema.minimum;
  const isAtBound = schema.exclusiveMinimum !== undefined && value <= schema.exclusiveMinimum;
  const isHigh = schema.maximum !== undefined && value > schema.maximum;
  return isLow || isAtBound || isHigh ? 'range' : null;
}

function merged(all: Faults[]): Faults {
  return Object.assign({}, ...all) as Faults;
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
