import { Modal as PlainModal, ModalHeader as PlainModalHeader, type ModalHeaderProps, type ModalProps } from '@patternfly/react-core/dist/dynamic/components/Modal';
import { TimesIcon } from '@patternfly/react-icons';
import { Button } from './patternflyInWords';
import { WORDS } from './patternflyWords';
import { say } from './words/language';

/** PatternFly's own button to close takes no other name, so this one stands in its place. */
export function Modal({ onClose, children, ...props }: Omit<ModalProps, 'ref' | 'onClose'> & { onClose: () => void }) {
  return (
    <PlainModal {...props} onEscapePress={onClose}>
      <div className="pf-v6-c-modal-box__close">
        <Button variant="plain" aria-label={say(WORDS).close} icon={<TimesIcon />} onClick={onClose} />
      </div>
      {children}
    </PlainModal>
  );
}

export function ModalHeader(props: ModalHeaderProps) {
  const { titleIconVariant: kind } = props;
  return <PlainModalHeader titleScreenReaderText={typeof kind === 'string' ? say(WORDS).kinds[kind] : undefined} {...props} />;
}
