import { SearchIcon } from '@patternfly/react-icons';
import { type FormEvent, useState } from 'react';
import { useChange } from '../../../http/hooks';
import { EmptyView } from '../../../parts/EmptyView';
import { Field } from '../../../parts/Field';
import { PageTitle } from '../../../parts/PageTitle';
import { Panel } from '../../../parts/Panel';
import { ProblemView } from '../../../parts/ProblemView';
import { Button, Card, CardBody, TextArea } from '../../../patternfly';
import { useMay } from '../../../shell/me';
import { say } from '../../../words/language';
import type { FoundSession } from '../types';
import { WORDS as SESSIONS } from '../words';
import { FoundItem } from './FoundItem';
import { WORDS } from './words';

const MOST = 200_000;

/** From what a driver shows to the session that it is of. */
export function FindByReceipt() {
  const words = say(WORDS);
  const isOperator = useMay('operator');
  const [text, setText] = useState('');
  const found = useChange<{ items: FoundSession[] }, { text: string }>('POST', '/receipts/find');
  const find = (event: FormEvent) => {
    event.preventDefault();
    found.mutate({ text: text.trim() });
  };
  return (
    <>
      <PageTitle above={{ href: '/sessions', name: say(SESSIONS).title }}>{words.title}</PageTitle>
      <Card>
        <CardBody>
          <form className="console-form" onSubmit={find}>
            <Field label={words.receipt} hint={isOperator ? words.about : words.operatorsOnly}>
              {(field) => (
                <TextArea
                  {...field}
                  rows={6}
                  maxLength={MOST}
                  spellCheck={false}
                  resizeOrientation="vertical"
                  isDisabled={!isOperator}
                  value={text}
                  onChange={(_event, value) => setText(value)}
                />
              )}
            </Field>
            <div>
              <Button type="submit" isLoading={found.isPending} isDisabled={!isOperator || found.isPending || text.trim() === ''}>
                {words.find}
              </Button>
            </div>
          </form>
        </CardBody>
      </Card>
      <div aria-live="polite">
        {found.error && <ProblemView problem={found.error} />}
        {found.data && <Results items={found.data.items} />}
      </div>
    </>
  );
}

function Results({ items }: { items: readonly FoundSession[] }) {
  const words = say(WORDS);
  if (items.length === 0) {
    return (
      <EmptyView icon={SearchIcon} title={words.none}>
        {words.noneAdvice}
      </EmptyView>
    );
  }
  return (
    <Panel title={words.results}>
      <ul className="console-sessions-found">
        {items.map((item) => (
          <FoundItem key={`${item.session_id} ${item.hash}`} item={item} />
        ))}
      </ul>
    </Panel>
  );
}
