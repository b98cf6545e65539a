/** Once a key is given, every path's charge point becomes a choice of those that there are. */

const LIST = '/api/v1/charge-points?limit=200';
const PARAMETER = 'charge_point_id';

interface Parameter {
  name: string;
  in: string;
  example?: unknown;
  schema: { enum?: string[] };
}

interface OpenApi {
  paths: Record<string, Record<string, { parameters?: Parameter[] }>>;
}

interface SwaggerSystem {
  specSelectors: { specJson(): { toJS(): OpenApi } };
  specActions: { updateSpec(text: string): void };
}

type Authorize = (given: Record<string, { value?: unknown }>) => unknown;

/** A plugin of Swagger UI. */
export function offerChargePoints() {
  return {
    statePlugins: {
      auth: {
        wrapActions: {
          authorize: (original: Authorize, system: SwaggerSystem): Authorize => (given) => {
            const key = Object.values(given)[0]?.value;
            if (typeof key === 'string') void offer(key, system);
            return original(given);
          },
        },
      },
    },
  };
}

async function offer(key: string, system: SwaggerSystem): Promise<void> {
  const ids = await readIds(key);
  if (ids.length === 0) return;
  const document = withChargePoints(system.specSelectors.specJson().toJS(), ids);
  system.specActions.updateSpec(JSON.stringify(document));
}

async function readIds(key: string): Promise<string[]> {
  // A wrong key is told where it is used; nothing is offered then.
  const answer = await fetch(LIST, { headers: { Authorization: `Bearer ${key}` } }).catch(() => null);
  if (!answer?.ok) return [];
  const page = (await answer.json()) as { items: { charge_point_id: string }[] };
  return page.items.map((item) => item.charge_point_id);
}

/** Give the document with `ids` as the only charge points. */
export function withChargePoints(document: OpenApi, ids: string[]): OpenApi {
  for (const operations of Object.values(document.paths)) {
    for (const { parameters = [] } of Object.values(operations)) {
      for (const parameter of parameters.filter((it) => it.name === PARAMETER && it.in === 'path')) {
        parameter.schema.enum = ids;
        parameter.example = ids[0];
      }
    }
  }
  return document;
}
