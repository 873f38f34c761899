import { Stack } from "@mantine/core";
import { useMemo } from "react";
import { siblingsOf } from "./conversation.ts";
import type { ChatMessage, Conversation } from "./conversation.ts";
import { MessageView } from "./message-view.tsx";

interface MessageListProps {
  readonly conversation: Conversation;
  /** The branch that is shown. */
  readonly path: readonly ChatMessage[];
  /** The answer that is on its way. */
  readonly runningId: string | undefined;
  readonly onShow: (id: string) => void;
  readonly onEdit: (message: ChatMessage, text: string) => void;
  readonly onRetry: (message: ChatMessage) => void;
}

export function MessageList(props: MessageListProps) {
  const { conversation, path, runningId, ...acts } = props;
  const siblings = useStableSiblings(conversation, path);
  return (
    // Not read out while it grows, word by word.
    <Stack gap="xs" role="log" aria-label="The conversation" aria-live="off">
      {path.map((message) => (
        <MessageView
          key={message.id}
          message={message}
          siblings={siblings.get(message.id) ?? [message.id]}
          isBusy={runningId !== undefined}
          isGrowing={message.id === runningId}
          {...acts}
        />
      ))}
    </Stack>
  );
}

function useStableSiblings(conversation: Conversation, path: readonly ChatMessage[]) {
  const { messages } = conversation;
  const shape = `${messages.length} ${path.map(({ id }) => id).join(" ")}`;
  // Texts change with every token, who stands beside whom does not.
  return useMemo(
    () =>
      new Map(
        path.map((message) => [message.id, siblingsOf(conversation, message).map(({ id }) => id)]),
      ),
    // oxlint-disable-next-line react-hooks/exhaustive-deps -- the shape tells when they change
    [shape],
  );
}
