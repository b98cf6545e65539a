import { ArrowLeftIcon, ArrowRightIcon } from '@patternfly/react-icons';
import { useState } from 'react';
import { numberFormat } from '../../../format/locale';
import { count, dayAndTime, timeOfDay } from '../../../format/units';
import { Copyable } from '../../../parts/Copyable';
import { Mark } from '../../../parts/Mark';
import { Td, Tr } from '../../../parts/Table';
import { Button } from '../../../patternfly';
import { say } from '../../../words/language';
import type { Tone } from '../../../words/phases';
import type { Message } from '../types';
import { gist, pretty } from './frames';
import { WORDS } from './words';

const TONES: Readonly<Record<string, Tone>> = { answered: 'success', refused: 'danger', unreadable: 'danger', dropped: 'neutral' };
const COLUMNS = 6;

/** One message: its line, and below it request and answer as JSON when it is open. */
export function MessageRow({ message }: { message: Message }) {
  const words = say(WORDS);
  const [isOpen, setOpen] = useState(false);
  const action = message.action ?? words.noAction;
  if (message.outcome === 'dropped') {
    return (
      <Tr>
        <Td colSpan={COLUMNS} className="console-hint">
          {timeOfDay(message.at)} · {words.gap(message.dropped > 0 ? count(message.dropped) : '?')}
        </Td>
      </Tr>
    );
  }
  return (
    <>
      <Tr>
        <Td dataLabel={words.at}>
          <time dateTime={message.at} title={dayAndTime(message.at)}>
            {timeOfDay(message.at)}
          </time>
        </Td>
        <Td dataLabel={words.direction}>
          <Direction message={message} />
        </Td>
        <Td dataLabel={words.action}>
          <Button
            variant="link"
            isInline
            aria-expanded={isOpen}
            aria-label={words.open(action, timeOfDay(message.at))}
            onClick={() => setOpen(!isOpen)}
          >
            {action}
          </Button>
        </Td>
        <Td dataLabel={words.outcome}>
          <Mark tone={TONES[message.outcome] ?? 'warning'}>{words.outcomes[message.outcome] ?? message.outcome}</Mark>
        </Td>
        <Td dataLabel={words.latency}>{message.latency_ms === null ? '–' : `${milliseconds(message.latency_ms)} ms`}</Td>
        <Td dataLabel={words.gist} className="console-cp-gist">
          {gist(message) || message.reason || ''}
        </Td>
      </Tr>
      {isOpen && (
        <Tr>
          <Td colSpan={COLUMNS} noPadding>
            <Frames message={message} />
          </Td>
        </Tr>
      )}
    </>
  );
}

function milliseconds(latency: number): string {
  return numberFormat({ maximumFractionDigits: latency < 10 ? 1 : 0 }).format(latency);
}

function Direction({ message }: { message: Message }) {
  const words = say(WORDS);
  const isSent = message.direction === 'sent';
  return (
    <span>
      {isSent ? <ArrowRightIcon aria-hidden="true" /> : <ArrowLeftIcon aria-hidden="true" />} {isSent ? words.sent : words.received}
    </span>
  );
}

function Frames({ message }: { message: Message }) {
  const words = say(WORDS);
  return (
    <div className="console-cp-frames">
      <Frame name={words.request} frame={message.request} without={words.noRequest} />
      <Frame name={words.answer} frame={message.answer} without={words.noAnswer} />
      {(message.reason || message.cut) && (
        <p className="console-hint">{[message.reason, message.cut && words.cut].filter(Boolean).join(' · ')}</p>
      )}
    </div>
  );
}

function Frame({ name, frame, without }: { name: string; frame: string | null; without: string }) {
  return (
    <section aria-label={name}>
      <h3>{name}</h3>
      {frame ? (
        <>
          <pre tabIndex={0}>{pretty(frame)}</pre>
          <span className="console-hint">
            <Copyable text={frame} name={name} />
          </span>
        </>
      ) : (
        <p className="console-hint">{without}</p>
      )}
    </section>
  );
}
