import { afterEach, expect, test } from 'vitest';
import { Problem } from '../http/problem';
import { speak } from '../words/language';
import { problemWords } from './problemWords';

afterEach(() => speak('en'));

test('the API’s sentences are said in German where they are known, and stay English else', () => {
  const known = new Problem(409, 'Conflict', 'charge point CP-1 is registered already');
  const unknown = new Problem(409, 'Conflict', 'the moon is in the way', [{ detail: 'Field required', pointer: '/name' }]);
  expect(problemWords(known).details).toEqual([{ text: 'charge point CP-1 is registered already', isEnglish: true }]);
  speak('de');
  expect(problemWords(known)).toEqual({
    title: 'Das wurde abgelehnt',
    details: [{ text: 'Der Ladepunkt CP-1 ist schon angemeldet.', isEnglish: false }],
  });
  expect(problemWords(unknown).details).toEqual([
    { text: 'the moon is in the way', isEnglish: true },
    { text: '/name: Die Angabe fehlt.', isEnglish: false },
  ]);
});

test('who asks too often is told how long to wait, and what it was too much of', () => {
  const said = '3 files are being sent to you already; wait until one of them ends.';
  speak('de');
  expect(problemWords(new Problem(429, '', said, [], 10))).toEqual({
    title: 'Zu viele Anfragen; wieder möglich in 10 s.',
    details: [{ text: 'Sie laden schon 3 Dateien herunter; warten Sie, bis eine davon fertig ist.', isEnglish: false }],
  });
});

test('what stands in the way is told apart: Redis, or something else that is missing', () => {
  expect(problemWords(new Problem(503, '', 'Redis does not answer; try again.'))).toEqual({
    title: 'Redis does not answer; nothing was changed.',
    details: [],
  });
  const { title, details } = problemWords(new Problem(503, '', 'CREDENTIAL_KEY is not set'));
  expect(title).toBe('This is not possible now.');
  expect(details).toHaveLength(1);
});
