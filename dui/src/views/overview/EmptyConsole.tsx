import { Card, EmptyState, EmptyStateBody, Spinner } from '../../patternfly';
import { ChargingStationIcon, UnpluggedIcon } from '@patternfly/react-icons';
import type { Connection } from '../../state/consoleStore';

/** What is there before the first charge point, and what to do about it. */
export function EmptyConsole({ connection }: { connection: Connection }) {
  if (connection === 'disconnected') {
    return (
      <Message icon={UnpluggedIcon} title="The console’s backend does not answer">
        Start it with <code>noroam up</code>; this page connects by itself.
      </Message>
    );
  }
  if (connection === 'connecting') {
    return (
      <Message icon={Spinner} title="Connecting">
        Asking for the state of all charge points.
      </Message>
    );
  }
  return (
    <Message icon={ChargingStationIcon} title="No charge point yet">
      Register one with <code>noroam charge-point add</code>; it appears here within seconds.
    </Message>
  );
}

function Message(props: { icon: React.ComponentType; title: string; children: React.ReactNode }) {
  return (
    <Card>
      <EmptyState icon={props.icon} titleText={props.title} headingLevel="h2" variant="lg">
        <EmptyStateBody>{props.children}</EmptyStateBody>
      </EmptyState>
    </Card>
  );
}
