import { NavLink } from "@mantine/core";
import { Link } from "wouter";
import { useSession } from "../state/console-context.tsx";
import { pages } from "./page-table.ts";

/** The menu. */
export function PageList({ location }: { readonly location: string }) {
  const session = useSession();
  return (
    <div className="page-list">
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
      {/* While the queen wants no key there is none to forget. */}
      {session.hasKey() && (
        <NavLink component="button" label="Sign out" onClick={session.signOut} />
      )}
    </div>
  );
}
