import { type ReactNode, useState } from 'react';
import { Link } from 'wouter';
import { count, kilowattHours, percent } from '../../format/units';
import { Table, Tbody, Td, Th, Thead, Tr } from '../../parts/Table';
import { Button } from '../../patternfly';
import { say } from '../../words/language';
import { measured, type Purse, success, tokensOf } from './measures';
import { Amounts, Fees } from './ReportFigures';
import type { Sums } from './types';
import { WORDS } from './words';

export interface GroupRow {
  readonly key: string;
  readonly name: string;
  readonly shown: ReactNode;
  readonly sums: Sums;
  /** Its sessions. */
  readonly href: string;
  /** Make the report about it alone. */
  readonly onOnly?: () => void;
}

const COLUMNS = ['group', 'sessions', 'energy', 'revenue', 'gas', 'success'] as const;
type Column = (typeof COLUMNS)[number];

interface GroupTableProps {
  /** What the groups are. */
  label: string;
  rows: readonly GroupRow[];
  /** How many are shown. */
  most: number;
  purse: Purse;
  /** The token that was chosen; "": all. */
  token: string;
  /** By what they are ordered at first: by name upwards, by a number downwards. */
  begin?: Column;
}

/** Sums of groups, ordered by any column. */
export function GroupTable({ label, rows, most, purse, token, begin = 'group' }: GroupTableProps) {
  const { columns, ...words } = say(WORDS);
  const hasOnly = rows.some(({ onOnly }) => onOnly);
  const [by, setBy] = useState<Column>(begin);
  const [direction, setDirection] = useState<'asc' | 'desc'>(begin === 'group' ? 'asc' : 'desc');
  const ordered = order(rows, by, purse);
  if (direction === 'desc') ordered.reverse();
  const sort = (columnIndex: number) => ({
    columnIndex,
    sortBy: { index: COLUMNS.indexOf(by), direction, defaultDirection: 'desc' as const },
    onSort: (_event: unknown, index: number, towards: 'asc' | 'desc') => {
      setBy(COLUMNS[index] ?? 'group');
      setDirection(towards);
    },
  });
  return (
    <div className="console-reports-scroll">
      <Table variant="compact" aria-label={label}>
        <Thead>
          <Tr>
            {COLUMNS.map((column, place) => (
              <Th key={column} modifier="nowrap" sort={sort(place)}>
                {columns[column]}
              </Th>
            ))}
            {hasOnly && <Th screenReaderText={words.only} />}
          </Tr>
        </Thead>
        <Tbody>
          {ordered.slice(0, most).map((row) => (
            <Row key={row.key} row={row} token={token} hasOnly={hasOnly} />
          ))}
        </Tbody>
      </Table>
    </div>
  );
}

function Row({ row: { name, shown, sums, href, onOnly }, token, hasOnly }: { row: GroupRow; token: string; hasOnly: boolean }) {
  const { columns, ...words } = say(WORDS);
  const rate = success(sums);
  const earned = tokensOf(sums, token);
  return (
    <Tr>
      <Td dataLabel={columns.group}>{shown}</Td>
      <Td dataLabel={columns.sessions}>
        <Link href={href}>{count(sums.sessions)}</Link>
      </Td>
      <Td dataLabel={columns.energy}>{kilowattHours(sums.energy_wh)}</Td>
      <Td dataLabel={columns.revenue}>{earned.length > 0 ? <Amounts of={earned} /> : '–'}</Td>
      <Td dataLabel={columns.gas}>
        <Fees fees={sums.gas_fees} />
      </Td>
      <Td dataLabel={columns.success}>{rate === null ? '–' : percent(rate)}</Td>
      {hasOnly && (
        <Td isActionCell modifier="nowrap" className="console-reports-unprinted">
          {onOnly && (
            <Button variant="link" isInline size="sm" aria-label={words.onlyThis(name)} onClick={onOnly}>
              {words.only}
            </Button>
          )}
        </Td>
      )}
    </Tr>
  );
}

/** Rows from the least to the most of a column. */
function order(rows: readonly GroupRow[], by: Column, purse: Purse): GroupRow[] {
  if (by === 'group') return [...rows];
  const value = ({ sums }: GroupRow) => (by === 'success' ? (success(sums) ?? -1) : measured(by, sums, purse).value);
  return [...rows].sort((one, other) => value(one) - value(other));
}
