import { useQueryClient } from '@tanstack/react-query';
import { use, useState } from 'react';
import { Link } from 'wouter';
import { ask } from '../http/client';
import { Field } from '../parts/Field';
import { Button, FormSelect, FormSelectOption } from '../patternfly';
import { chooseTheme, type Theme, theme } from '../theme';
import { type Language, language, LANGUAGES, say } from '../words/language';
import type { Opened } from './HeaderButton';
import { HeaderPopover } from './HeaderPopover';
import { LanguageContext } from './languageContext';
import { useMe } from './me';
import { WORDS } from './words';

export default function AccountPopover(opened: Opened) {
  return <HeaderPopover {...opened} bodyContent={<Choices onLeave={opened.onClose} />} hasAutoWidth />;
}

function Choices({ onLeave }: { onLeave: () => void }) {
  const me = useMe();
  const words = say(WORDS).account;
  const chooseLanguage = use(LanguageContext);
  const [worn, wear] = useState<Theme>(theme());
  const change = (chosen: Theme) => {
    chooseTheme(chosen);
    wear(chosen);
  };
  return (
    <div className="console-form console-account">
      <p>
        <strong>{me.name}</strong> · {words.roles[me.role]}
      </p>
      <Field label={words.language}>
        {(field) => (
          <FormSelect {...field} value={language()} onChange={(_event, chosen) => chooseLanguage(chosen as Language)}>
            {Object.entries(LANGUAGES).map(([tag, name]) => (
              <FormSelectOption key={tag} value={tag} label={name} />
            ))}
          </FormSelect>
        )}
      </Field>
      <Field label={words.theme}>
        {(field) => (
          <FormSelect {...field} value={worn} onChange={(_event, chosen) => change(chosen as Theme)}>
            {Object.entries(words.themes).map(([name, label]) => (
              <FormSelectOption key={name} value={name} label={label} />
            ))}
          </FormSelect>
        )}
      </Field>
      <Link href="/settings/password" onClick={onLeave}>
        {words.password}
      </Link>
      <SignOut />
    </div>
  );
}

function SignOut() {
  const client = useQueryClient();
  const leave = async () => {
    await ask('POST', '/sign-out').catch(() => undefined);
    client.clear();
    window.location.assign('/');
  };
  return (
    <Button variant="secondary" isBlock onClick={() => void leave()}>
      {say(WORDS).account.signOut}
    </Button>
  );
}
