import type { Station } from '../../noroam/types';
import { Card } from '../parts/bits';
import { exactPrice } from '../format';
import { furtherTerms } from '../tariff';
import type { Visit } from '../visit';
import { words } from '../words';

/** The price, large per kWh, and in sentences whatever else is due: of the offer, if there is one. */
export function PriceCard({ visit, station }: { visit: Visit; station: Station }) {
  const { token } = visit;
  if (!token) {
    return (
      <Card title={words.station.price}>
        <p class="hint">{words.station.priceWhenReached}</p>
      </Card>
    );
  }
  const tariff = visit.view.offer?.tariff ?? station.tariff;
  const terms = furtherTerms(tariff, token);
  return (
    <Card title={words.station.price}>
      <p class="price" data-figure="price">
        <strong>{exactPrice(tariff.per_kwh, token)}</strong> {words.tariff.each}
      </p>
      {terms.length === 0 ? (
        <p class="hint">{words.tariff.energyOnly}</p>
      ) : (
        <ul class="terms">
          {terms.map((term) => <li key={term}>{term}</li>)}
        </ul>
      )}
    </Card>
  );
}
