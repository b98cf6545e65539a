import { type FormEvent, useId, useRef, useState } from 'react';
import { Button, Modal, ModalBody, ModalFooter, ModalHeader } from '../../../patternfly';
import { useStation } from '../../../shell/live';
import { useMay } from '../../../shell/me';
import { detailOf } from '../../../parts/problemWords';
import { WORDS as PARTS } from '../../../parts/words';
import { say } from '../../../words/language';
import { WORDS as AREA } from '../words';
import { beginningOf } from './beginnings';
import { OperationAnswerView } from './OperationAnswerView';
import { type Operation, useOperation } from './operations';
import { operationWords } from './operationWords';
import { type Draft, draftOf, type Faults, faultsOf, resolved, valueOf } from './schema';
import { SchemaField } from './SchemaField';
import { WORDS } from './words';

interface OperationFormProps {
  chargePointId: string;
  operation: Operation;
  /** Values to begin with, by OCPP's names. */
  given?: Readonly<Record<string, unknown>>;
}

/** An operation as a form made of its schema, and what the charge point answered. */
export function OperationForm({ chargePointId, operation, given }: OperationFormProps) {
  const words = say(WORDS);
  const { name, schema, definitions } = operation;
  const about = operationWords(name);
  const [draft, setDraft] = useState<Draft>(() => draftOf(schema, definitions, beginningOf(operation, given)));
  const [faults, setFaults] = useState<Faults>({});
  const [isSure, setSure] = useState(false);
  const asking = useOperation(chargePointId, name);
  const form = useRef<HTMLFormElement>(null);
  const connectors = useStation(chargePointId)?.status?.connectors.map((each) => each.connector_id) ?? [];
  const isAllowed = useMay(operation.role);
  const parts = resolved(schema, definitions);
  const told = Object.fromEntries((asking.problem?.faults ?? []).map(({ pointer, detail }) => [pointer ?? '', detailOf(detail).text]));
  const send = () => {
    setSure(false);
    asking.give(valueOf(schema, definitions, draft));
  };
  const check = (event: FormEvent) => {
    event.preventDefault();
    const found = faultsOf(schema, definitions, draft);
    setFaults(found);
    if (Object.keys(found).length > 0) requestAnimationFrame(() => form.current?.querySelector<HTMLElement>('[aria-invalid=true]')?.focus());
    else if (about.consequence) setSure(true);
    else send();
  };
  return (
    <form ref={form} className="console-form" onSubmit={check} noValidate aria-label={about.name}>
      {Object.entries(parts.properties ?? {}).map(([part, of]) => (
        <SchemaField
          key={part}
          name={part}
          schema={of}
          definitions={definitions}
          draft={(draft as Record<string, Draft>)[part] ?? null}
          isRequired={parts.required?.includes(part) ?? false}
          at={`/${part}`}
          faults={faults}
          told={told}
          connectors={connectors}
          onChange={(changed) => setDraft({ ...(draft as Record<string, Draft>), [part]: changed })}
        />
      ))}
      {Object.keys(faults).length > 0 && <p role="alert">{words.mend}</p>}
      <div className="console-cp-send">
        <Button type="submit" isDanger={about.consequence !== undefined} isDisabled={!isAllowed || asking.isPending} isLoading={asking.isPending}>
          {words.send}
        </Button>
        {!isAllowed && <span className="console-hint">{words.needs(words.roles[operation.role] ?? operation.role)}</span>}
      </div>
      <OperationAnswerView asking={asking} />
      {isSure && <Sure name={about.name} consequence={about.consequence ?? ''} onYes={send} onNo={() => setSure(false)} />}
    </form>
  );
}

/** Asks once before something is stopped or removed. */
function Sure(props: { name: string; consequence: string; onYes: () => void; onNo: () => void }) {
  const title = useId();
  return (
    <Modal variant="small" isOpen onClose={props.onNo} aria-labelledby={title}>
      <ModalHeader title={say(WORDS).question(props.name)} labelId={title} titleIconVariant="warning" />
      <ModalBody>{props.consequence}</ModalBody>
      <ModalFooter>
        <Button variant="danger" onClick={props.onYes}>
          {props.name}
        </Button>
        <Button variant="link" onClick={props.onNo}>
          {say(PARTS).cancel}
        </Button>
      </ModalFooter>
    </Modal>
  );
}

/** Why somebody can't do something here, or null. */
export function useObstacle(chargePointId: string): string | null {
  const words = say(AREA);
  const station = useStation(chargePointId);
  const isOperator = useMay('operator');
  if (!isOperator) return words.onlyOperators;
  return station?.status && !station.status.connected ? words.isOffline : null;
}
