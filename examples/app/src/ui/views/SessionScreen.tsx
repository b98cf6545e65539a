import type { SessionView } from '../../noroam/types';
import { Busy, Chip, Notice } from '../parts/bits';
import { Screen } from '../parts/Screen';
import { useModel } from '../hooks';
import type { SessionRecord } from '../keep';
import { stageOf } from '../phases';
import { hashOf } from '../route';
import { words } from '../words';
import { Charging } from './Charging';
import { Ending } from './Ending';
import { Outcome } from './Outcome';
import { Stuck } from './Stuck';

const HOME = hashOf({ at: 'start' });

/** A session, wherever it is: about to begin, charging, ending, or over. */
export function SessionScreen({ id }: { id: string }) {
  const model = useModel();
  const record = model.record(id);
  if (!record) {
    return (
      <Screen title={words.session.title} back={HOME}>
        {model.state.resuming ? (
          <Busy>{words.session.taking}</Busy>
        ) : (
          <Notice tone="calm" icon="clock" title={words.session.unknown} />
        )}
      </Screen>
    );
  }
  switch (stageOf(record)) {
    case 'ended':
      return <Outcome record={record} />;
    case 'ending':
      return <Ending record={record} />;
    case 'stuck':
      return <Stuck record={record} />;
    default:
      return <Charging record={record} />;
  }
}

/** How the station is reached now. */
export function Reach({ record }: { record: SessionRecord }) {
  const model = useModel();
  const view: SessionView = record.view;
  if (!model.session(record.sessionId) || !view.connected) {
    return <Chip tone="warn" icon="offline">{words.session.lost}</Chip>;
  }
  return view.over ? (
    <Chip icon="hub">{words.session.hub}</Chip>
  ) : (
    <Chip tone="good" icon="link">{words.session.direct}</Chip>
  );
}
