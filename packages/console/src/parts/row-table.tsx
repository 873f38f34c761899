import { Group, Pagination, Stack, Table, Text } from "@mantine/core";
import { memo, useDeferredValue, useState } from "react";
import type { ReactNode } from "react";

export interface Column<Row> {
  /** Empty for the buttons of a row. */
  readonly title: string;
  readonly cell: (row: Row) => ReactNode;
}

interface RowTableProps<Row> {
  readonly label: string;
  readonly rows: readonly Row[];
  /** The same list each time, or every row is drawn anew. */
  readonly columns: readonly Column<Row>[];
  readonly keyOf: (row: Row) => string;
  readonly rowsOnPage?: number;
}

const rowsOnPageDefault = 25;

/**
 * A table whose rows become cards on a phone. There are never more than a page of rows, and a row
 * is drawn anew only when something in it is another one than before.
 */
export function RowTable<Row>(props: RowTableProps<Row>) {
  const { label, rows, columns, keyOf, rowsOnPage = rowsOnPageDefault } = props;
  const [wanted, setWanted] = useState(1);
  const pages = Math.max(1, Math.ceil(rows.length / rowsOnPage));
  const page = Math.min(wanted, pages);
  const from = (page - 1) * rowsOnPage;
  // Drawn row by row, and between two of them the browser sees to the person.
  const drawn = { rows: useDeferredValue(rows), from: useDeferredValue(from) };
  const shown = drawn.rows.slice(drawn.from, drawn.from + rowsOnPage);
  return (
    <Stack gap="xs">
      {/* A table that is laid out as cards is none for screen readers unless it says so. */}
      <Table className="row-table" verticalSpacing="xs" striped role="table" aria-label={label}>
        <Table.Thead role="rowgroup">
          <Table.Tr role="row">
            {columns.map(({ title }) => (
              <Table.Th key={title} role="columnheader">
                {title === "" ? <span className="unseen">Actions</span> : title}
              </Table.Th>
            ))}
          </Table.Tr>
        </Table.Thead>
        <Table.Tbody role="rowgroup">
          {shown.map((row) => (
            <TableRow key={keyOf(row)} row={row} columns={columns as readonly Column<unknown>[]} />
          ))}
        </Table.Tbody>
      </Table>
      {pages > 1 && (
        <Group justify="space-between">
          <Text size="sm" c="dimmed" className="figure">
            {from + 1} to {Math.min(from + rowsOnPage, rows.length)} of {rows.length}
          </Text>
          <PageChooser pages={pages} page={page} onChoose={setWanted} />
        </Group>
      )}
    </Stack>
  );
}

interface PageChooserProps {
  readonly pages: number;
  readonly page: number;
  readonly onChoose: (page: number) => void;
}

const PageChooser = memo(({ pages, page, onChoose }: PageChooserProps) => (
  <Pagination
    total={pages}
    value={page}
    onChange={onChoose}
    size="sm"
    getItemProps={(number) => ({ "aria-label": `Page ${number}` })}
    getControlProps={(control) => ({ "aria-label": controlLabels[control] })}
  />
));

const controlLabels = {
  first: "First page",
  previous: "Page before",
  next: "Next page",
  last: "Last page",
} as const;

interface TableRowProps {
  readonly row: unknown;
  readonly columns: readonly Column<unknown>[];
}

const TableRow = memo(
  ({ row, columns }: TableRowProps) => (
    <Table.Tr role="row">
      {columns.map(({ title, cell }) => (
        <Table.Td key={title} role="cell" data-label={title} className="breakable">
          {cell(row)}
        </Table.Td>
      ))}
    </Table.Tr>
  ),
  // The live state is new objects each time, mostly with what they said before.
  (before, after) =>
    before.columns === after.columns && JSON.stringify(before.row) === JSON.stringify(after.row),
);
