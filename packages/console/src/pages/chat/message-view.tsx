import { ActionIcon, Button, Group, Paper, Stack, Text, Textarea } from "@mantine/core";
import { memo, useCallback, useEffect, useRef, useState } from "react";
import { CopyButton } from "../../parts/copy-button.tsx";
import type { ChatMessage } from "./conversation.ts";
import { describeFigures } from "./describe-figures.ts";
import { MarkdownView } from "./markdown-view.tsx";

interface MessageViewProps {
  readonly message: ChatMessage;
  /** Those that stand in the same place, this one among them. */
  readonly siblings: readonly string[];
  /** An answer is on its way in this conversation. */
  readonly isBusy: boolean;
  /** This one is it. */
  readonly isGrowing: boolean;
  readonly onShow: (id: string) => void;
  readonly onEdit: (message: ChatMessage, text: string) => void;
  readonly onRetry: (message: ChatMessage) => void;
}

export const MessageView = memo((props: MessageViewProps) => {
  const { message, isBusy, onEdit } = props;
  const [draft, setDraft] = useState<string>();
  const isQuestion = message.role === "user";
  const textOf = useLatestText(message.text);
  return (
    <Paper
      component="article"
      aria-label={isQuestion ? "You" : `Answer of ${message.model ?? "the model"}`}
      className={isQuestion ? "chat-question" : "chat-answer"}
      p="sm"
    >
      {draft === undefined ? (
        <MessageText message={message} isGrowing={props.isGrowing} />
      ) : (
        <Stack gap="xs">
          <Textarea
            aria-label="Your message, changed"
            autosize
            value={draft}
            onChange={(event) => setDraft(event.currentTarget.value)}
          />
          <Group gap="xs">
            <Button
              size="xs"
              disabled={draft.trim() === "" || isBusy}
              onClick={() => {
                setDraft(undefined);
                onEdit(message, draft);
              }}
            >
              Send anew
            </Button>
            <Button size="xs" variant="default" onClick={() => setDraft(undefined)}>
              Keep as it was
            </Button>
          </Group>
        </Stack>
      )}
      <MessageFoot {...props} textOf={textOf} onStartEdit={() => setDraft(message.text)} />
    </Paper>
  );
});

function useLatestText(text: string): () => string {
  const latest = useRef(text);
  useEffect(() => {
    latest.current = text;
  }, [text]);
  return useCallback(() => latest.current, []);
}

type MessageTextProps = Pick<MessageViewProps, "message" | "isGrowing">;

function MessageText({ message, isGrowing }: MessageTextProps) {
  const { role, text, figures } = message;
  if (role === "user") return <Text className="lines breakable">{text}</Text>;
  if (text === "" && isGrowing) return <Text c="dimmed">…</Text>;
  return (
    <>
      {text !== "" && <MarkdownView text={text} isGrowing={isGrowing} />}
      {figures === undefined && !isGrowing && (
        <Text size="sm" c="dimmed">
          The page was closed before the answer was complete.
        </Text>
      )}
    </>
  );
}

interface MessageFootProps extends MessageViewProps {
  readonly textOf: () => string;
  readonly onStartEdit: () => void;
}

const MessageFoot = memo((props: MessageFootProps) => {
  const { message, isBusy, onRetry, onStartEdit, textOf } = props;
  return (
    <Group gap="xs" mt={4} className="chat-foot">
      <BranchSteps {...props} />
      <CopyButton size="compact-xs" variant="subtle" text={textOf} />
      <Button
        size="compact-xs"
        variant="subtle"
        disabled={isBusy}
        onClick={message.role === "user" ? onStartEdit : () => onRetry(message)}
      >
        {message.role === "user" ? "Edit" : "Try again"}
      </Button>
      {message.figures !== undefined && (
        <Text size="xs" c="dimmed" className="figure">
          {describeFigures(message.figures)}
        </Text>
      )}
    </Group>
  );
}, isSameWhileGrowing);

// Only the text of an answer is another while it grows, and that is asked for when it is copied.
function isSameWhileGrowing(before: MessageFootProps, after: MessageFootProps): boolean {
  return before.isGrowing && after.isGrowing && before.siblings === after.siblings;
}

function BranchSteps({ message, siblings, isBusy, onShow }: MessageViewProps) {
  if (siblings.length < 2) return null;
  const place = siblings.indexOf(message.id);
  const steps = [
    { label: "The version before", text: "‹", id: siblings[place - 1] },
    { label: "The next version", text: "›", id: siblings[place + 1] },
  ];
  return (
    <Group gap={2} wrap="nowrap">
      {steps.map(({ label, text, id }) => (
        <ActionIcon
          key={label}
          size="sm"
          variant="subtle"
          aria-label={label}
          disabled={id === undefined || isBusy}
          onClick={() => id !== undefined && onShow(id)}
        >
          {text}
        </ActionIcon>
      ))}
      <Text size="xs" className="figure">
        {place + 1} of {siblings.length}
      </Text>
    </Group>
  );
}
