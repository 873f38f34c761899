import { NavLink } from "@mantine/core";
import { Link } from "wouter";
import { useSession } from "../state/console-context.tsx";
import { pages } from "./page-table.ts";

interface PageListProps {
  readonly location: string;
  /** Also when it is the page that is there already. */
  readonly onChoose: () => void;
}

/** The menu. */
export function PageList({ location, onChoose }: PageListProps) {
  const session = useSession();
  return (
    <div className="page-list">
      {pages.map(({ path, title }) => (
        <NavLink
          key={path}
          component={Link}
          href={path}
          label={title}
          onClick={onChoose}
          active={path === location}
          aria-current={path === location ? "page" : undefined}
        />
      ))}
      {/* While the queen wants no key there is none to forget. */}
      {session.hasKey() && (
        <NavLink component="button" label="Sign out" onClick={session.signOut} />
      )}
    </div>
  );
}
