/** PatternFly's table: `<Table>` with `Thead`, `Tbody`, `Tr`, `Th`, `Td dataLabel=…` stacks on a phone. */
export { Table, Tbody, Td, Th, Thead, Tr } from '@patternfly/react-table/dist/dynamic/components/Table';
