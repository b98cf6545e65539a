import type { Catalogue } from '../words/language';

const en = {
  title: 'Noroam console',
  name: 'Name',
  password: 'Password',
  signIn: 'Sign in',
  wrong: 'The name or the password is wrong.',
  tooMany: (seconds: number) => `Too many attempts. Try again in ${seconds} seconds.`,
  noAccount: 'There is no account yet',
  noAccountAdvice: 'Make the first administrator on the machine of the Session Manager, then sign in here:',
};

const de: typeof en = {
  title: 'Noroam-Konsole',
  name: 'Name',
  password: 'Passwort',
  signIn: 'Anmelden',
  wrong: 'Name oder Passwort ist falsch.',
  tooMany: (seconds) => `Zu viele Versuche. In ${seconds} Sekunden wieder möglich.`,
  noAccount: 'Es gibt noch kein Konto',
  noAccountAdvice: 'Legen Sie auf dem Rechner des Session Managers den ersten Administrator an und melden Sie sich dann hier an:',
};

export const WORDS: Catalogue<typeof en> = { en, de };
