import { say } from '../words/language';
import { AlertItem } from './AlertItem';
import { useAlerts } from './useAlerts';
import { WORDS } from './words';

/** All alerts that hold now, the worst first. */
export function AlertList() {
  const words = say(WORDS);
  const { alerts, nobodyLooks } = useAlerts();
  return (
    <>
      {nobodyLooks && <p className="console-hint">{words.nobodyLooks}</p>}
      {alerts.length === 0 && !nobodyLooks && <p className="console-hint">{words.noneAdvice}</p>}
      <ul className="console-alerts">
        {alerts.map((alert) => (
          <AlertItem key={alert.id} alert={alert} />
        ))}
      </ul>
    </>
  );
}
