import { describe, expect, it } from 'vitest';
import { draftOf, faultsOf, localMoment, type Schema, valueOf } from './schema';

const DEFINITIONS = {
  Period: {
    type: 'object',
    properties: { startPeriod: { type: 'integer' }, limit: { type: 'number' } },
    required: ['startPeriod', 'limit'],
  },
  Schedule: {
    type: 'object',
    properties: {
      duration: { anyOf: [{ type: 'integer' }, { type: 'null' }] },
      periods: { type: 'array', items: { $ref: '#/components/schemas/Period' } },
    },
    required: ['periods'],
  },
};
const SCHEMA: Schema = {
  type: 'object',
  properties: {
    connectorId: { type: 'integer', minimum: 0, maximum: 1000 },
    expiryDate: { type: 'string', format: 'date-time' },
    idTag: { type: 'string', minLength: 1, maxLength: 20 },
    note: { anyOf: [{ type: 'string', maxLength: 5 }, { type: 'null' }] },
    schedule: { anyOf: [{ $ref: '#/components/schemas/Schedule' }, { type: 'null' }] },
  },
  required: ['connectorId', 'expiryDate', 'idTag'],
};

describe('a form of a schema', () => {
  it('begins with the example, and leaves out what is optional', () => {
    const draft = draftOf(SCHEMA, DEFINITIONS, { connectorId: 1, idTag: 'TAG-1', expiryDate: '2026-03-01T10:00:00Z' });
    expect(draft).toMatchObject({ connectorId: '1', idTag: 'TAG-1', note: null, schedule: null });
    expect(valueOf(SCHEMA, DEFINITIONS, draft)).toEqual({
      connectorId: 1,
      idTag: 'TAG-1',
      expiryDate: '2026-03-01T10:00:00.000Z',
    });
  });

  it('keeps nested parts and lists in their shape', () => {
    const example = { connectorId: 0, idTag: 'A', schedule: { periods: [{ startPeriod: 0, limit: 16.5 }] } };
    const draft = draftOf(SCHEMA, DEFINITIONS, example);
    expect(valueOf(SCHEMA, DEFINITIONS, draft)).toEqual(example);
  });

  it('says where something is missing or wrong', () => {
    const draft = { connectorId: '1001', expiryDate: '', idTag: '', note: 'longer', schedule: { duration: '1.5', periods: [] } };
    expect(faultsOf(SCHEMA, DEFINITIONS, draft)).toEqual({
      '/connectorId': 'range',
      '/expiryDate': 'missing',
      '/idTag': 'missing',
      '/note': 'long',
      '/schedule/duration': 'number',
    });
  });

  it('takes an empty text where one may be empty, and leaves out an optional one', () => {
    const schema: Schema = { properties: { value: { type: 'string' }, data: { type: 'string' } }, required: ['value'] };
    expect(valueOf(schema, {}, { value: '', data: '' })).toEqual({ value: '' });
    expect(faultsOf(schema, {}, { value: '', data: '' })).toEqual({});
  });

  it('writes a moment as its control takes it', () => {
    expect(localMoment(new Date(2026, 2, 1, 9, 5))).toBe('2026-03-01T09:05');
    expect(localMoment(new Date('never'))).toBe('');
  });
});
