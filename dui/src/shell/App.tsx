import { QueryClientProvider } from '@tanstack/react-query';
import { useMemo, useState } from 'react';
import { setLocale } from '../format/locale';
import { makeQueryClient } from '../http/hooks';
import { type Language, localeOf, preferredLanguage, rememberLanguage, speak } from '../words/language';
import { Gate } from './Gate';
import { LanguageContext } from './languageContext';

/** The whole page; it is built anew when the language changes. */
export function App() {
  const client = useMemo(makeQueryClient, []);
  const [language, setLanguage] = useState(() => begin(preferredLanguage()));
  const choose = (chosen: Language) => {
    rememberLanguage(chosen);
    setLanguage(begin(chosen));
  };
  return (
    <QueryClientProvider client={client}>
      <LanguageContext value={choose}>
        <Gate key={language} />
      </LanguageContext>
    </QueryClientProvider>
  );
}

function begin(chosen: Language): Language {
  speak(chosen);
  setLocale(localeOf(chosen));
  return chosen;
}
