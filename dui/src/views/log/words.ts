import { count } from '../../format/units';
import type { Level } from '../../state/logFilter';
import type { Catalogue } from '../../words/language';

const levelsEn: Record<Level, string> = {
  debug: 'All levels',
  info: 'Info and above',
  warning: 'Warnings and errors',
  error: 'Errors only',
  critical: 'Critical only',
};

const en = {
  hint: 'What all services say, as they say it. Secrets are masked.',
  filters: 'Filter the log',
  levels: levelsEn,
  level: 'Level',
  service: 'Area',
  allServices: 'All areas',
  chargePoint: 'Charge point',
  allChargePoints: 'All charge points',
  text: 'Text in the log',
  textHint: 'Find text or session',
  pause: 'Pause',
  follow: 'Follow',
  lines: 'Log lines',
  gap: 'Lines are missing here: they were no longer kept when the page came back.',
  empty: 'No lines yet',
  emptyAdvice: 'They appear here as soon as a service writes one.',
  noMatch: 'No line matches the filter',
  noMatchAdvice: 'Lines that are still to come are shown as soon as they match. Older ones can be loaded below.',
  clear: 'Show all lines',
  total: (total: number) => `${count(total)} ${total === 1 ? 'line' : 'lines'}`,
  matching: (found: number, total: number) => `${count(found)} of ${count(total)} lines match the filter`,
  older: 'Load older lines',
  all: 'Load all that are kept',
  stop: 'Stop loading',
  noOlder: 'These are all lines that are kept.',
  full: 'The page holds no more lines; download the file for older ones.',
  asText: 'Download as text',
  asJson: 'Download as JSON',
  selected: 'Selected line',
  wholeLine: 'line',
  session: 'Session',
};

export type LogWords = typeof en;

const de: LogWords = {
  hint: 'Was alle Dienste melden, wie sie es melden. Geheimnisse sind unkenntlich gemacht.',
  filters: 'Protokoll filtern',
  levels: {
    debug: 'Alle Stufen',
    info: 'Info und darüber',
    warning: 'Warnungen und Fehler',
    error: 'Nur Fehler',
    critical: 'Nur kritische',
  },
  level: 'Stufe',
  service: 'Bereich',
  allServices: 'Alle Bereiche',
  chargePoint: 'Ladepunkt',
  allChargePoints: 'Alle Ladepunkte',
  text: 'Text im Protokoll',
  textHint: 'Text oder Ladevorgang suchen',
  pause: 'Anhalten',
  follow: 'Folgen',
  lines: 'Protokollzeilen',
  gap: 'Hier fehlen Zeilen: Sie waren nicht mehr aufbewahrt, als die Seite wieder verbunden war.',
  empty: 'Noch keine Zeilen',
  emptyAdvice: 'Sie erscheinen hier, sobald ein Dienst eine schreibt.',
  noMatch: 'Keine Zeile passt zum Filter',
  noMatchAdvice: 'Neue Zeilen erscheinen, sobald sie passen. Ältere können Sie unten laden.',
  clear: 'Alle Zeilen zeigen',
  total: (total) => `${count(total)} ${total === 1 ? 'Zeile' : 'Zeilen'}`,
  matching: (found, total) => `${count(found)} von ${count(total)} Zeilen passen zum Filter`,
  older: 'Ältere Zeilen laden',
  all: 'Alle aufbewahrten laden',
  stop: 'Laden beenden',
  noOlder: 'Das sind alle Zeilen, die aufbewahrt werden.',
  full: 'Mehr Zeilen hält die Seite nicht; ältere stehen in der Datei zum Herunterladen.',
  asText: 'Als Text herunterladen',
  asJson: 'Als JSON herunterladen',
  selected: 'Gewählte Zeile',
  wholeLine: 'Zeile',
  session: 'Ladevorgang',
};

export const WORDS: Catalogue<LogWords> = { en, de };
