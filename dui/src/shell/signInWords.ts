import type { Catalogue } from '../words/language';

const en = {
  title: 'Noroam console',
  name: 'Name',
  password: 'Password',
  signIn: 'Sign in',
  wrong: 'The name or the password is wrong.',
  tooMany: 'Too many wrong passwords. Wait a moment before you try again.',
  again: (wait: string) => `Possible again in ${wait}`,
  goesOn: 'After signing in you go on at the page that you asked for.',
  noAccount: 'There is no account yet',
  noAccountAdvice: 'Make the first administrator on the machine of the Session Manager, then sign in here:',
};

const de: typeof en = {
  title: 'Noroam-Konsole',
  name: 'Name',
  password: 'Passwort',
  signIn: 'Anmelden',
  wrong: 'Name oder Passwort ist falsch.',
  tooMany: 'Zu viele falsche Passwörter. Warten Sie etwas, bevor Sie es erneut versuchen.',
  again: (wait) => `Wieder möglich in ${wait}`,
  goesOn: 'Nach der Anmeldung geht es auf der Seite weiter, die Sie aufgerufen haben.',
  noAccount: 'Es gibt noch kein Konto',
  noAccountAdvice: 'Legen Sie auf dem Rechner des Session Managers den ersten Administrator an und melden Sie sich dann hier an:',
};

export const WORDS: Catalogue<typeof en> = { en, de };
