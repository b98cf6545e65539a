import { DownloadIcon, PrintIcon } from '@patternfly/react-icons';
import { useEffect, useState } from 'react';
import { createPortal } from 'react-dom';
import { address, path } from '../../http/client';
import { Copyable } from '../../parts/Copyable';
import { Field } from '../../parts/Field';
import { Panel } from '../../parts/Panel';
import { Button, FormSelect, FormSelectOption } from '../../patternfly';
import { say } from '../../words/language';
import type { KeptIdentity } from './types';
import { WORDS } from './words';

const SIZES = ['a7', 'a6', 'a5'] as const;
type Size = (typeof SIZES)[number];

/** The label of each connector: to look at, to download, and to print in its true size. */
export function LabelPanel({ kept }: { kept: KeptIdentity }) {
  const words = say(WORDS);
  const [connector, setConnector] = useState(1);
  const [size, setSize] = useState<Size>('a7');
  const [isPrinting, setPrinting] = useState(false);
  const place = path`/charge-points/${kept.charge_point_id}/connectors/${connector}/label`;
  const url = (form: 'svg' | 'pdf') => address(`${place}.${form}`, { size });
  const text = kept.qr[connector - 1];
  if (!kept.did || !text) {
    return (
      <Panel title={words.label}>
        <p className="console-hint">{words.noLabel}</p>
      </Panel>
    );
  }
  return (
    <Panel title={words.label}>
      <div className="console-identity-part">
        <div className="console-identity-choices">
          <Field label={words.connector}>
            {(field) => (
              <FormSelect {...field} value={connector} onChange={(_event, chosen) => setConnector(Number(chosen))}>
                {kept.qr.map((code, place) => (
                  <FormSelectOption key={code} value={place + 1} label={String(place + 1)} />
                ))}
              </FormSelect>
            )}
          </Field>
          <Field label={words.size}>
            {(field) => (
              <FormSelect {...field} value={size} onChange={(_event, chosen) => setSize(chosen as Size)}>
                {SIZES.map((name) => (
                  <FormSelectOption key={name} value={name} label={name.toUpperCase()} />
                ))}
              </FormSelect>
            )}
          </Field>
        </div>
        <img className="console-identity-label" src={url('svg')} alt={words.labelOf(connector)} />
        <div className="console-identity-act">
          <Button variant="secondary" component="a" href={url('pdf')} icon={<DownloadIcon />} {...FILE}>
            PDF
          </Button>
          <Button variant="secondary" component="a" href={url('svg')} icon={<DownloadIcon />} {...FILE}>
            SVG
          </Button>
          <Button variant="secondary" icon={<PrintIcon />} onClick={() => setPrinting(true)}>
            {words.print}
          </Button>
        </div>
        <Copyable text={text} name={words.qrText} whole />
      </div>
      {isPrinting && <Paper url={url('svg')} size={size} onPrinted={() => setPrinting(false)} />}
    </Panel>
  );
}

/** Keep it as a file, by the name that the server gives it. */
const FILE = { download: '' };

/** What goes to the printer in place of the page. */
function Paper({ url, size, onPrinted }: { url: string; size: Size; onPrinted: () => void }) {
  useEffect(() => {
    window.addEventListener('afterprint', onPrinted);
    return () => window.removeEventListener('afterprint', onPrinted);
  }, [onPrinted]);
  return createPortal(
    <div className={`console-identity-paper console-identity-paper-${size}`} aria-hidden="true">
      <img src={url} alt="" onLoad={() => window.print()} onError={onPrinted} />
    </div>,
    document.body,
  );
}
