import { Table, VisuallyHidden } from "@mantine/core";

interface TableHeadProps {
  readonly titles: readonly string[];
  /** There is one column more, with what can be done with a row. */
  readonly hasActions?: boolean;
}

/** The titles of a table's columns, each with a name for who cannot see what stands below. */
export function TableHead({ titles, hasActions = false }: TableHeadProps) {
  return (
    <Table.Thead>
      <Table.Tr>
        {titles.map((title) => (
          <Table.Th key={title}>{title}</Table.Th>
        ))}
        {hasActions && (
          <Table.Th>
            <VisuallyHidden>Actions</VisuallyHidden>
          </Table.Th>
        )}
      </Table.Tr>
    </Table.Thead>
  );
}
