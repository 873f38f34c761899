import { NavLink, ScrollArea } from "@mantine/core";
import { Link } from "wouter";
import { pages } from "./page-table.ts";

/** The menu. */
export function PageList({ location }: { readonly location: string }) {
  return (
    <ScrollArea>
      {pages.map(({ path, title }) => (
        <NavLink
          key={path}
          component={Link}
          href={path}
          label={title}
          active={path === location}
          aria-current={path === location ? "page" : undefined}
        />
      ))}
    </ScrollArea>
  );
}
