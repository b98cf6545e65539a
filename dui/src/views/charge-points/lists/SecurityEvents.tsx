import { count, dayAndTime } from '../../../format/units';
import { Panel } from '../../../parts/Panel';
import { say } from '../../../words/language';
import { useMaintenance } from './maintenance';
import { WORDS } from './words';

/** What the charge point reported of its own security. */
export function SecurityEvents({ id }: { id: string }) {
  const words = say(WORDS).security;
  const { data } = useMaintenance(id);
  return (
    <Panel title={words.title}>
      {data?.security_events.length === 0 && <p className="console-hint">{words.none}</p>}
      <ul className="console-cp-plain-list">
        {data?.security_events.map((event) => (
          <li key={event.event_type}>
            <strong>{event.event_type}</strong>{' '}
            <span className="console-hint">
              {words.times(count(event.count))} {dayAndTime(event.received_at)} {event.tech_info}
            </span>
          </li>
        ))}
      </ul>
    </Panel>
  );
}
