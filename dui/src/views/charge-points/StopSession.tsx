import { Button, Modal, ModalBody, ModalFooter, ModalHeader } from '../../patternfly';
import { useState } from 'react';
import type { Answer, Session } from '../../wire/types';
import { isRunning, isStoppable } from '../../words/phases';
import { AnswerView } from '../../parts/AnswerView';
import type { GiveCommand } from '../../shell/live';

interface StopSessionProps {
  session: Session;
  live: boolean;
  command: GiveCommand;
}

/** Stops the session after one question, and shows what the station answered. */
export function StopSession({ session, live, command }: StopSessionProps) {
  const [asking, setAsking] = useState(false);
  const [waiting, setWaiting] = useState(false);
  const [answer, setAnswer] = useState<{ body: Answer; at: Date } | null>(null);
  const stop = async () => {
    setAsking(false);
    setWaiting(true);
    const body = await command({
      type: 'SessionStopRequested',
      charge_point_id: session.charge_point_id,
      connector_id: session.connector_id,
      session_id: session.session_id ?? undefined,
    });
    setAnswer({ body, at: new Date() });
    setWaiting(false);
  };
  return (
    <div className="console-stop">
      <div aria-live="polite">{answer && isRunning(session.phase) && <AnswerView answer={answer.body} at={answer.at} />}</div>
      {(isStoppable(session.phase) || waiting) && (
        <Button
          variant="secondary"
          isDanger
          isDisabled={!live || waiting}
          isLoading={waiting}
          onClick={() => setAsking(true)}
        >
          Stop the session
        </Button>
      )}
      <Modal variant="small" isOpen={asking} onClose={() => setAsking(false)} aria-labelledby="stop-title">
        <ModalHeader title="Stop this session?" labelId="stop-title" titleIconVariant="warning" />
        <ModalBody>
          {session.private
            ? 'Charging ends now. It is a test: nobody pays.'
            : 'Charging ends now. The driver pays for the energy that the meter counted; the rest of the deposit is refunded.'}
        </ModalBody>
        <ModalFooter>
          <Button variant="danger" onClick={() => void stop()}>
            Stop the session
          </Button>
          <Button variant="link" onClick={() => setAsking(false)}>
            Keep charging
          </Button>
        </ModalFooter>
      </Modal>
    </div>
  );
}
