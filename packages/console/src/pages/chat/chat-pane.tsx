import { Button, Collapse, Group, Stack, Text, VisuallyHidden } from "@mantine/core";
import { useDisclosure } from "@mantine/hooks";
import { memo, useCallback, useEffect, useMemo } from "react";
import type { Failure } from "../../parts/describe-failure.ts";
import { FailureNotice } from "../../parts/failure-notice.tsx";
import { OperationStory } from "../../parts/operation-story.tsx";
import { ChatOptions } from "./chat-options.tsx";
import type { Options } from "./chat-options.tsx";
import type { ChatRoom, RunningAnswer } from "./chat-room.ts";
import { pathOf, showBranch } from "./conversation.ts";
import type { ChatMessage, Conversation } from "./conversation.ts";
import { MessageList } from "./message-list.tsx";

interface ChatPaneProps {
  readonly conversation: Conversation;
  readonly room: ChatRoom;
  readonly answer: RunningAnswer | undefined;
  readonly failure: Failure | undefined;
}

/** One conversation with one model. */
export const ChatPane = memo(({ conversation, room, answer, failure }: ChatPaneProps) => {
  const { model, system, sampling } = conversation;
  const hasBegun = conversation.messages.length > 0;
  const [areOptionsOpen, options] = useDisclosure(!hasBegun);
  const { close } = options;
  useEffect(() => {
    if (hasBegun) close();
  }, [hasBegun, close]);
  const path = useMemo(() => pathOf(conversation), [conversation]);
  const { onOptions, ...acts } = useActs(room, conversation);
  const isWaiting = answer !== undefined && path.at(-1)?.text === "";
  return (
    <Stack gap="xs" className="chat-pane">
      <Group justify="space-between" wrap="nowrap">
        <Text fw={600} truncate>
          {model}
        </Text>
        <Button
          size="compact-sm"
          variant="subtle"
          aria-expanded={areOptionsOpen}
          onClick={options.toggle}
          flex="none"
        >
          {areOptionsOpen ? "Hide the options" : "Options"}
        </Button>
      </Group>
      <Collapse expanded={areOptionsOpen}>
        <ChatOptions model={model} system={system} sampling={sampling} onChange={onOptions} />
      </Collapse>
      <MessageList
        conversation={conversation}
        path={path}
        runningId={answer?.messageId}
        {...acts}
      />
      <VisuallyHidden role="status">
        {answer === undefined ? "" : "The model answers"}
      </VisuallyHidden>
      {isWaiting && (
        <OperationStory
          operation={{ ...answer, status: "running", failure: undefined }}
          label="What happens until the answer comes"
        />
      )}
      {failure !== undefined && <FailureNotice failure={failure} />}
    </Stack>
  );
});

// They stay the same while an answer grows, so that what stands around it is not drawn anew.
function useActs(room: ChatRoom, { id }: Conversation) {
  const onShow = useCallback(
    (messageId: string) => room.change(id, (before) => showBranch(before, messageId)),
    [room, id],
  );
  const onEdit = useCallback(
    (message: ChatMessage, text: string) => room.say(id, text, message.parent),
    [room, id],
  );
  const onRetry = useCallback(
    ({ parent }: ChatMessage) => parent !== null && room.answerAgain(id, parent),
    [room, id],
  );
  const onOptions = useCallback(
    (patch: Partial<Options>) => room.change(id, (before) => ({ ...before, ...patch })),
    [room, id],
  );
  return { onShow, onEdit, onRetry, onOptions };
}
