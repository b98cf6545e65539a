import { type OpenApi, withChargePoints } from './document';

const LIST = '/api/v1/charge-points?limit=200';

interface SwaggerSystem {
  specSelectors: { specJson(): { toJS(): OpenApi } };
  specActions: { updateSpec(text: string): void };
}

type Authorize = (given: Record<string, { value?: unknown }>) => unknown;

/** A plugin of Swagger UI: once a key is given, paths offer the charge points that there are. */
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
