import { Alert, Button, Stack, Text, Title } from "@mantine/core";
import { Component } from "react";
import type { ReactNode } from "react";

interface PageGuardProps {
  readonly children: ReactNode;
}

interface PageGuardState {
  readonly error: Error | undefined;
}

/** Keeps what stands around a page when the page itself cannot be fetched or drawn. */
export class PageGuard extends Component<PageGuardProps, PageGuardState> {
  override readonly state: PageGuardState = { error: undefined };

  static getDerivedStateFromError(error: unknown): PageGuardState {
    return { error: error instanceof Error ? error : new Error(String(error)) };
  }

  override render(): ReactNode {
    const { error } = this.state;
    if (error === undefined) return this.props.children;
    return (
      <Alert color="red" role="alert">
        <Stack gap="xs" align="flex-start">
          <Title order={1} size="h4">
            This page could not be shown
          </Title>
          <Text size="sm">
            The queen may be away, or she is another version than when you opened the console.
          </Text>
          <Text size="xs" c="dimmed" className="breakable">
            {error.message}
          </Text>
          <Button size="xs" variant="default" onClick={() => location.reload()}>
            Open it again
          </Button>
        </Stack>
      </Alert>
    );
  }
}
