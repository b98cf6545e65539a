import { type ReactNode, useId, useState } from 'react';
import { Button, Modal, ModalBody, ModalFooter, ModalHeader } from '../patternfly';
import { say } from '../words/language';
import { WORDS } from './words';

interface ConfirmProps {
  /** The button that opens the question. */
  label: string;
  question: string;
  consequence: ReactNode;
  /** The button that does it; the same as `label` where not given. */
  confirm?: string;
  isDanger?: boolean;
  isDisabled?: boolean;
  isLoading?: boolean;
  variant?: 'primary' | 'secondary' | 'link';
  icon?: ReactNode;
  onConfirm: () => void;
}

/** A button whose action stops or removes something: asks once more before it is done. */
export function Confirm(props: ConfirmProps) {
  const { label, question, consequence, confirm = label, isDanger = true, variant = 'secondary', onConfirm } = props;
  const [isAsking, setAsking] = useState(false);
  const titleId = useId();
  const yes = () => {
    setAsking(false);
    onConfirm();
  };
  return (
    <>
      <Button
        variant={variant}
        isDanger={isDanger}
        isDisabled={props.isDisabled || props.isLoading}
        isLoading={props.isLoading}
        icon={props.icon}
        onClick={() => setAsking(true)}
      >
        {label}
      </Button>
      {isAsking && (
        <Modal variant="small" isOpen onClose={() => setAsking(false)} aria-labelledby={titleId}>
          <ModalHeader title={question} labelId={titleId} titleIconVariant={isDanger ? 'warning' : undefined} />
          <ModalBody>{consequence}</ModalBody>
          <ModalFooter>
            <Button variant={isDanger ? 'danger' : 'primary'} onClick={yes}>
              {confirm}
            </Button>
            <Button variant="link" onClick={() => setAsking(false)}>
              {say(WORDS).cancel}
            </Button>
          </ModalFooter>
        </Modal>
      )}
    </>
  );
}
