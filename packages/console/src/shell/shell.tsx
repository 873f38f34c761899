import { AppShell, Skeleton, Stack } from "@mantine/core";
import { useDisclosure } from "@mantine/hooks";
import { Suspense, useEffect } from "react";
import { Route, Switch, useLocation } from "wouter";
import { NotFoundPage } from "./not-found-page.tsx";
import { PageGuard } from "./page-guard.tsx";
import { PageList } from "./page-list.tsx";
import { pages } from "./page-table.ts";
import { StaleNotice } from "./stale-notice.tsx";
import { TopBar } from "./top-bar.tsx";

/** What stands around every page: where one is, where one can go, and whether it is live. */
export function Shell() {
  const [isOpen, { toggle, close }] = useDisclosure(false);
  const [location] = useLocation();
  const title = pages.find(({ path }) => path === location)?.title ?? "Not found";
  useEffect(() => {
    document.title = `${title} · rbee`;
    close();
  }, [title, close]);
  return (
    <AppShell
      header={{ height: 56 }}
      navbar={{ width: 200, breakpoint: "sm", collapsed: { mobile: !isOpen } }}
      padding="md"
    >
      <a className="skip-link" href="#content">
        Skip to the content
      </a>
      <AppShell.Header>
        <TopBar isMenuOpen={isOpen} onToggleMenu={toggle} />
      </AppShell.Header>
      <AppShell.Navbar p="xs" component="nav" aria-label="Pages">
        <PageList location={location} onChoose={close} />
      </AppShell.Navbar>
      <AppShell.Main id="content" tabIndex={-1}>
        <StaleNotice />
        <PageGuard key={location}>
          <Suspense fallback={<PageSkeleton />}>
            <Switch>
              {pages.map(({ path, component }) => (
                <Route key={path} path={path} component={component} />
              ))}
              <Route component={NotFoundPage} />
            </Switch>
          </Suspense>
        </PageGuard>
      </AppShell.Main>
    </AppShell>
  );
}

function PageSkeleton() {
  return (
    <Stack aria-hidden="true">
      <Skeleton height={32} width={180} />
      <Skeleton height={160} />
      <Skeleton height={160} />
    </Stack>
  );
}
