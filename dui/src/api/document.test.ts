import { expect, test } from 'vitest';
import { withChargePoints, withShortProblems } from './document';

test('the charge points in paths become a choice, and nothing else does', () => {
  const inPath = () => ({ name: 'charge_point_id', in: 'path', example: 'CP-1', schema: {} });
  const filter = () => ({ name: 'charge_point_id', in: 'query', schema: {} });
  const document = withChargePoints(
    {
      paths: {
        '/charge-points': { get: {} },
        '/charge-points/{charge_point_id}': { get: { parameters: [inPath(), filter()] } },
      },
    },
    ['B', 'A'],
  );
  expect(document.paths['/charge-points/{charge_point_id}']?.get?.parameters).toEqual([
    { ...inPath(), example: 'B', schema: { enum: ['B', 'A'] } },
    filter(),
  ]);
  expect(document.paths['/charge-points']).toEqual({ get: {} });
});

test('of problems the reason stays', () => {
  const good = () => ({ description: 'OK', headers: {}, content: { 'application/json': {} } });
  const bad = { description: 'No key.', headers: {}, content: { 'application/problem+json': {} } };
  const document = withShortProblems({ paths: { '/': { get: { responses: { 200: good(), 401: bad } } } } });
  expect(document.paths['/']?.get?.responses).toEqual({ 200: good(), 401: { description: 'No key.' } });
});
