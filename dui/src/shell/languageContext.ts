import { createContext } from 'react';
import type { Language } from '../words/language';

/** The way to choose another language. */
export const LanguageContext = createContext<(chosen: Language) => void>(() => undefined);
