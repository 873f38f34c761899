import { Alert, Button, FileButton, Group, NavLink, Stack } from "@mantine/core";
import { useState } from "react";
import { ConfirmButton } from "../../parts/confirm-button.tsx";
import { formatChatFile, parseChatFile } from "./chat-file.ts";
import type { Conversation } from "./conversation.ts";

interface ChatListProps {
  readonly conversations: readonly Conversation[];
  readonly openId: string | undefined;
  readonly onOpen: (id: string) => void;
  readonly onNew: () => void;
  readonly onRemove: (id: string) => void;
  readonly onImport: (conversations: readonly Conversation[]) => void;
}

/** The conversations of this browser. */
export function ChatList(props: ChatListProps) {
  const { conversations, openId, onOpen, onNew, onRemove, onImport } = props;
  const [problem, setProblem] = useState<string>();
  const read = async (file: File | null) => {
    if (file === null) return;
    const found = parseChatFile(await file.text());
    setProblem(typeof found === "string" ? found : undefined);
    if (typeof found !== "string") onImport(found);
  };
  const open = conversations.find(({ id }) => id === openId);
  return (
    <Stack gap="xs" component="aside" aria-label="Conversations">
      <Button variant="light" onClick={onNew}>
        New chat
      </Button>
      <Stack gap={0} className="chat-list">
        {conversations.map(({ id, title }) => (
          <NavLink
            key={id}
            component="button"
            label={title}
            active={id === openId}
            onClick={() => onOpen(id)}
          />
        ))}
      </Stack>
      <Group gap="xs">
        <Button
          size="xs"
          variant="default"
          disabled={conversations.length === 0}
          onClick={() => saveAsFile("rbee-chats.json", formatChatFile(conversations))}
        >
          Export
        </Button>
        <FileButton accept="application/json" onChange={(file) => void read(file)}>
          {(button) => (
            <Button size="xs" variant="default" {...button}>
              Import
            </Button>
          )}
        </FileButton>
        {open !== undefined && (
          <ConfirmButton
            label="Delete"
            question={`"${open.title}" is deleted from this browser. There is no other copy.`}
            confirmLabel="Delete it"
            onConfirm={() => onRemove(open.id)}
          />
        )}
      </Group>
      {problem !== undefined && (
        <Alert color="red" role="alert">
          {problem}
        </Alert>
      )}
    </Stack>
  );
}

function saveAsFile(name: string, text: string): void {
  const url = URL.createObjectURL(new Blob([text], { type: "application/json" }));
  const link = document.createElement("a");
  link.href = url;
  link.download = name;
  link.click();
  URL.revokeObjectURL(url);
}
