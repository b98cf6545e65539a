/** Prints, as lines of JSON, the stations nearby whenever they change; its argument is a config. */
import { createApp, memoryStore } from '../src/noroam';

const app = await createApp(
  JSON.parse(process.argv[2] ?? '') as Parameters<typeof createApp>[0],
  memoryStore(),
);
await app.discover((stations) => {
  const shown = stations.map(({ station, connectors, token }) => ({
    did: station.did,
    name: station.name,
    tariff: station.tariff,
    plug_types: station.plugTypes,
    token,
    availability: connectors.map(({ availability }) => availability),
  }));
  process.stdout.write(`${JSON.stringify({ event: 'stations', stations: shown })}\n`);
});
