import { Panel } from '../../../parts/Panel';
import { say } from '../../../words/language';
import { WORDS } from '../words';
import { RegisterForm } from './RegisterForm';

/** Registers a charge point that has not come yet. */
export function Register({ onClose }: { onClose: () => void }) {
  return (
    <Panel title={say(WORDS).list.register}>
      <RegisterForm onClose={onClose} />
    </Panel>
  );
}
