/** The OpenAPI document, as far as this page changes it. */

const PROBLEM = 'application/problem+json';
const CHARGE_POINT = 'charge_point_id';

interface Parameter {
  name: string;
  in: string;
  example?: unknown;
  schema: { enum?: string[] };
}

interface Response {
  description: string;
  headers?: unknown;
  content?: Record<string, unknown>;
}

interface Operation {
  parameters?: Parameter[];
  responses?: Record<string, Response>;
}

export interface OpenApi {
  paths: Record<string, Record<string, Operation>>;
}

/** Leave one line of each problem: they look the same everywhere, and drawing them all takes long. */
export function withShortProblems(document: OpenApi): OpenApi {
  for (const { responses = {} } of operationsOf(document)) {
    for (const response of Object.values(responses).filter((it) => it.content && PROBLEM in it.content)) {
      delete response.content;
      delete response.headers;
    }
  }
  return document;
}

/** Make `ids` the only charge points that a path can be about. */
export function withChargePoints(document: OpenApi, ids: string[]): OpenApi {
  for (const { parameters = [] } of operationsOf(document)) {
    for (const parameter of parameters.filter((it) => it.name === CHARGE_POINT && it.in === 'path')) {
      parameter.schema.enum = ids;
      parameter.example = ids[0];
    }
  }
  return document;
}

function operationsOf(document: OpenApi): Operation[] {
  return Object.values(document.paths).flatMap((operations) => Object.values(operations));
}
