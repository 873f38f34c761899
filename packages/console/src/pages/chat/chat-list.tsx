import { Alert, Button, FileButton, Group, NavLink, Stack } from "@mantine/core";
import { useDisclosure } from "@mantine/hooks";
import { useState } from "react";
import { ConfirmButton } from "../../parts/confirm-button.tsx";
import { formatChatFile, parseChatFile } from "./chat-file.ts";
import type { ChatRoom } from "./chat-room.ts";
import { renameConversation } from "./conversation.ts";
import type { Conversation } from "./conversation.ts";
import { RenameButton } from "./rename-button.tsx";

interface ChatListProps {
  readonly conversations: readonly Conversation[];
  readonly openId: string | undefined;
  readonly room: ChatRoom;
  readonly onNew: () => void;
}

const shownAtFirst = 50;

/** The conversations of this browser. On a phone it is folded up. */
export function ChatList({ conversations, openId, room, onNew }: ChatListProps) {
  const [isOpen, { toggle, close }] = useDisclosure(false);
  const open = conversations.find(({ id }) => id === openId);
  const choose = (id: string) => {
    room.open([id]);
    close();
  };
  return (
    <Stack gap="xs" component="aside" aria-label="Conversations" className="chat-aside">
      <Group gap="xs" wrap="nowrap">
        <Button variant="light" onClick={onNew} flex={1}>
          New chat
        </Button>
        <Button
          hiddenFrom="sm"
          variant="default"
          aria-expanded={isOpen}
          disabled={conversations.length === 0}
          onClick={toggle}
        >
          All {conversations.length}
        </Button>
      </Group>
      <div className="chat-fold" data-open={isOpen}>
        <ChatTitles conversations={conversations} openId={openId} onChoose={choose} />
      </div>
      <Group gap="xs">
        {open !== undefined && (
          <>
            <RenameButton
              key={open.id}
              title={open.title}
              onRename={(title) => room.change(open.id, (one) => renameConversation(one, title))}
            />
            <ConfirmButton
              label="Delete"
              question={`"${open.title}" is deleted from this browser. There is no other copy.`}
              confirmLabel="Delete it"
              onConfirm={() => room.remove(open.id)}
            />
          </>
        )}
        <ChatFiles conversations={conversations} onImport={room.takeIn} />
      </Group>
    </Stack>
  );
}

interface ChatTitlesProps {
  readonly conversations: readonly Conversation[];
  readonly openId: string | undefined;
  readonly onChoose: (id: string) => void;
}

function ChatTitles({ conversations, openId, onChoose }: ChatTitlesProps) {
  const [count, setCount] = useState(shownAtFirst);
  return (
    <Stack gap={0} className="chat-list">
      {conversations.slice(0, count).map(({ id, title }) => (
        <NavLink
          key={id}
          component="button"
          label={title}
          active={id === openId}
          aria-current={id === openId ? "true" : undefined}
          noWrap
          title={title}
          onClick={() => onChoose(id)}
        />
      ))}
      {conversations.length > count && (
        <Button size="xs" variant="subtle" onClick={() => setCount(count + shownAtFirst)}>
          Older ones ({conversations.length - count})
        </Button>
      )}
    </Stack>
  );
}

interface ChatFilesProps {
  readonly conversations: readonly Conversation[];
  readonly onImport: (found: readonly Conversation[]) => void;
}

function ChatFiles({ conversations, onImport }: ChatFilesProps) {
  const [problem, setProblem] = useState<string>();
  const read = async (file: File | null) => {
    if (file === null) return;
    const found = parseChatFile(await file.text());
    setProblem(typeof found === "string" ? found : undefined);
    if (typeof found !== "string") onImport(found);
  };
  return (
    <>
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
      {problem !== undefined && (
        <Alert color="red" role="alert">
          {problem}
        </Alert>
      )}
    </>
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
