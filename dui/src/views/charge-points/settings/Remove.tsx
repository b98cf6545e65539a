import { type FormEvent, useState } from 'react';
import { useLocation } from 'wouter';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { ask, path } from '../../../http/client';
import type { Problem } from '../../../http/problem';
import { Field } from '../../../parts/Field';
import { Panel } from '../../../parts/Panel';
import { ProblemView } from '../../../parts/ProblemView';
import { Button, Checkbox, TextInput } from '../../../patternfly';
import { say } from '../../../words/language';
import { WORDS } from './words';

/** Takes a charge point out of the register, once its id was typed. */
export function Remove({ id }: { id: string }) {
  const words = say(WORDS);
  const client = useQueryClient();
  const [, go] = useLocation();
  const [typed, setTyped] = useState('');
  const [isForced, setForced] = useState(false);
  const remove = useMutation<unknown, Problem>({
    mutationFn: () => ask('DELETE', path`/charge-points/${id}`, { force: isForced }),
    onSuccess: async () => {
      go('/charge-points');
      await client.invalidateQueries();
    },
  });
  const send = (event: FormEvent) => {
    event.preventDefault();
    if (typed === id) remove.mutate();
  };
  return (
    <Panel title={words.remove}>
      <form className="console-form" onSubmit={send} aria-label={words.remove}>
        <p>{words.removeAbout}</p>
        <Field label={words.removeType(id)}>
          {(field) => <TextInput {...field} autoComplete="off" value={typed} onChange={(_event, text) => setTyped(text)} />}
        </Field>
        <Checkbox id="remove-force" label={words.removeForce} isChecked={isForced} onChange={(_event, isOn) => setForced(isOn)} />
        {remove.error && <ProblemView problem={remove.error} />}
        <div>
          <Button type="submit" variant="danger" isDisabled={typed !== id || remove.isPending} isLoading={remove.isPending}>
            {words.remove}
          </Button>
        </div>
      </form>
    </Panel>
  );
}
