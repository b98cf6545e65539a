import type { ReactNode } from 'react';
import { Table, Tbody, Td, Th, Thead, Tr } from '../../../parts/Table';

interface ListingProps<T> {
  label: string;
  items: readonly T[];
  keyOf: (item: T) => string;
  /** Heading and cell of each column. */
  columns: readonly (readonly [string, (item: T) => ReactNode])[];
}

/** A plain table of what a charge point keeps. */
export function Listing<T>({ label, items, keyOf, columns }: ListingProps<T>) {
  return (
    <div className="console-cp-scroll">
      <Table variant="compact" aria-label={label}>
        <Thead>
          <Tr>
            {columns.map(([name]) => (
              <Th key={name} modifier="nowrap">{name}</Th>
            ))}
          </Tr>
        </Thead>
        <Tbody>
          {items.map((item) => (
            <Tr key={keyOf(item)}>
              {columns.map(([name, cell]) => (
                <Td key={name} dataLabel={name}>
                  {cell(item)}
                </Td>
              ))}
            </Tr>
          ))}
        </Tbody>
      </Table>
    </div>
  );
}
