import { type FormEvent, useId, useState } from 'react';
import { path } from '../../http/client';
import { useChange } from '../../http/hooks';
import { Field } from '../../parts/Field';
import { Panel } from '../../parts/Panel';
import { ProblemView } from '../../parts/ProblemView';
import { WORDS as PARTS } from '../../parts/words';
import { Button, Modal, ModalBody, ModalFooter, ModalHeader, TextInput } from '../../patternfly';
import { say } from '../../words/language';
import { Answer } from './Answer';
import type { GivenUp } from './types';
import { WORDS } from './words';

interface GiveUpProps {
  id: string;
  did: string;
  /** The chain says that it was given up before. */
  isGone: boolean;
}

/** Gives the DID up for good, once it was typed again. */
export function GiveUp({ id, did, isGone }: GiveUpProps) {
  const words = say(WORDS);
  const [isAsking, setAsking] = useState(false);
  const place = path`/charge-points/${id}/identity`;
  const giveUp = useChange<GivenUp, { did: string }>('POST', `${place}/deactivate`, [place]);
  const { data } = giveUp;
  const isDone = data?.outcome === 'deactivated';
  const yes = (typed: string) => {
    setAsking(false);
    giveUp.mutate({ did: typed });
  };
  return (
    <Panel title={words.danger} className="console-identity-danger">
      <div className="console-identity-part">
        <p>{words.dangerAbout}</p>
        <div className="console-identity-act">
          <Button
            variant="secondary"
            isDanger
            isLoading={giveUp.isPending}
            isDisabled={giveUp.isPending || isGone}
            onClick={() => setAsking(true)}
          >
            {words.giveUp}
          </Button>
          <div aria-live="polite">
            {isGone && !data && <p className="console-hint">{words.givenUp}</p>}
            {data && (
              <Answer
                isDone={isDone}
                title={isDone ? words.givenUp : words.notGivenUp}
                answer={data}
                transactions={data.transaction ? [data.transaction] : []}
              />
            )}
            {giveUp.error && <ProblemView problem={giveUp.error} />}
          </div>
        </div>
      </div>
      {isAsking && <Question id={id} did={did} onYes={yes} onNo={() => setAsking(false)} />}
    </Panel>
  );
}

interface QuestionProps {
  id: string;
  did: string;
  onYes: (typed: string) => void;
  onNo: () => void;
}

function Question({ id, did, onYes, onNo }: QuestionProps) {
  const words = say(WORDS);
  const titleId = useId();
  const formId = useId();
  const [typed, setTyped] = useState('');
  const isRight = typed.trim().toLowerCase() === did.toLowerCase();
  const send = (event: FormEvent) => {
    event.preventDefault();
    if (isRight) onYes(typed.trim());
  };
  return (
    <Modal variant="small" isOpen onClose={onNo} aria-labelledby={titleId}>
      <ModalHeader title={words.giveUpQuestion(id)} labelId={titleId} titleIconVariant="danger" />
      <ModalBody>
        <form id={formId} className="console-form" onSubmit={send}>
          <p>{words.dangerAbout}</p>
          <code className="console-identity-did">{did}</code>
          <Field label={words.typeDid}>
            {(field) => (
              <TextInput {...field} autoComplete="off" spellCheck={false} value={typed} onChange={(_event, text) => setTyped(text)} />
            )}
          </Field>
        </form>
      </ModalBody>
      <ModalFooter>
        <Button type="submit" form={formId} variant="danger" isDisabled={!isRight}>
          {words.danger}
        </Button>
        <Button variant="link" onClick={onNo}>
          {say(PARTS).cancel}
        </Button>
      </ModalFooter>
    </Modal>
  );
}
