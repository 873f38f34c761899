import { Button, Collapse, Group, Stack, Text } from "@mantine/core";
import { useDisclosure } from "@mantine/hooks";
import { useCallback, useEffect, useImperativeHandle, useMemo, useRef } from "react";
import type { Ref } from "react";
import { FailureNotice } from "../../parts/failure-notice.tsx";
import { OperationStory } from "../../parts/operation-story.tsx";
import { ChatOptions } from "./chat-options.tsx";
import { pathOf, showBranch, siblingsOf } from "./conversation.ts";
import type { ChatMessage, Conversation } from "./conversation.ts";
import { MessageView } from "./message-view.tsx";
import type { Chats } from "./use-chats.ts";
import { useTalk } from "./use-talk.ts";

/** What the one place to write does with each pane that is open. */
export interface PaneHandle {
  readonly say: (text: string) => void;
  readonly stop: () => void;
}

interface ChatPaneProps {
  readonly conversation: Conversation;
  readonly change: Chats["change"];
  readonly ref: Ref<PaneHandle>;
  readonly onAnswering: (id: string, isAnswering: boolean) => void;
}

/** One conversation with one model. */
export function ChatPane({ conversation, change, ref, onAnswering }: ChatPaneProps) {
  const { id, tip } = conversation;
  const talk = useTalk(conversation, change);
  const { running, failure, say, stop, answerAgain } = talk;
  const isAnswering = running !== undefined;
  const [areOptionsOpen, options] = useDisclosure(conversation.messages.length === 0);
  const path = useMemo(() => pathOf(conversation), [conversation]);
  useImperativeHandle(ref, () => ({ say: (text) => say(text, tip), stop }), [say, stop, tip]);
  useEffect(() => {
    onAnswering(id, isAnswering);
    return () => onAnswering(id, false);
  }, [id, isAnswering, onAnswering]);
  const hasText = path.at(-1)?.text !== "" || !isAnswering;
  return (
    <Stack gap="xs" className="chat-pane">
      <Group justify="space-between">
        <Text fw={600} truncate>
          {conversation.model}
        </Text>
        <Button size="compact-sm" variant="subtle" onClick={options.toggle}>
          {areOptionsOpen ? "Hide the options" : "Options"}
        </Button>
      </Group>
      <Collapse expanded={areOptionsOpen}>
        <ChatOptions
          conversation={conversation}
          onChange={(patch) => change(id, (before) => ({ ...before, ...patch }))}
        />
      </Collapse>
      <MessageList
        conversation={conversation}
        path={path}
        isBusy={isAnswering}
        onShow={(messageId) => change(id, (before) => showBranch(before, messageId))}
        onEdit={(message, text) => say(text, message.parent)}
        onRetry={(message) => {
          const question = conversation.messages.find((other) => other.id === message.parent);
          if (question !== undefined) answerAgain(question);
        }}
      />
      {running !== undefined && !hasText && (
        <OperationStory
          operation={{ ...running, status: "running", failure: undefined }}
          label="What happens until the answer comes"
        />
      )}
      {failure !== undefined && <FailureNotice failure={failure} />}
    </Stack>
  );
}

interface MessageListProps {
  readonly conversation: Conversation;
  readonly path: readonly ChatMessage[];
  readonly isBusy: boolean;
  readonly onShow: (id: string) => void;
  readonly onEdit: (message: ChatMessage, text: string) => void;
  readonly onRetry: (message: ChatMessage) => void;
}

function MessageList(props: MessageListProps) {
  const { conversation, path, isBusy } = props;
  const end = useRef<HTMLDivElement>(null);
  const latest = useLatest(props);
  const onShow = useCallback((id: string) => latest.current.onShow(id), [latest]);
  const onRetry = useCallback((message: ChatMessage) => latest.current.onRetry(message), [latest]);
  const onEdit = useCallback(
    (message: ChatMessage, text: string) => latest.current.onEdit(message, text),
    [latest],
  );
  const siblings = useStableSiblings(conversation, path);
  const length = path.at(-1)?.text.length ?? 0;
  useEffect(() => {
    void end.current?.scrollIntoView({ block: "nearest" });
  }, [path.length, length]);
  return (
    <Stack gap="xs" className="chat-messages" role="log" aria-label="The conversation" tabIndex={0}>
      {path.map((message) => (
        <MessageView
          key={message.id}
          message={message}
          siblings={siblings.get(message.id) ?? [message.id]}
          isBusy={isBusy}
          onShow={onShow}
          onEdit={onEdit}
          onRetry={onRetry}
        />
      ))}
      <div ref={end} />
    </Stack>
  );
}

// The newest properties for functions that stay the same, so that messages are not drawn anew.
function useLatest<Value>(value: Value) {
  const latest = useRef(value);
  useEffect(() => {
    latest.current = value;
  });
  return latest;
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
