import { Alert, Button, FileButton, Group, NavLink, Stack } from "@mantine/core";
import { useDisclosure } from "@mantine/hooks";
import { memo, useState } from "react";
import { ConfirmButton } from "../../parts/confirm-button.tsx";
import { formatChatFile, parseChatFile } from "./chat-file.ts";
import type { ChatRoom } from "./chat-room.ts";
import { renameConversation } from "./conversation.ts";
import type { Conversation } from "./conversation.ts";
import { RenameButton } from "./rename-button.tsx";

export type ChatTitle = Pick<Conversation, "id" | "title">;

interface ChatListProps {
  /** The same list until one of them is another. */
  readonly titles: readonly ChatTitle[];
  readonly openId: string | undefined;
  readonly room: ChatRoom;
  /** Must stay the same function: this is not drawn anew while an answer grows. */
  readonly onNew: () => void;
}

const shownAtFirst = 50;

/** The conversations of this browser. On a phone it is folded up. */
export const ChatList = memo(({ titles, openId, room, onNew }: ChatListProps) => {
  const [isOpen, { toggle, close }] = useDisclosure(false);
  const open = titles.find(({ id }) => id === openId);
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
          disabled={titles.length === 0}
          onClick={toggle}
        >
          All {titles.length}
        </Button>
      </Group>
      <div className="chat-fold" data-open={isOpen}>
        <ChatTitles titles={titles} openId={openId} onChoose={choose} />
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
        <ChatFiles isEmpty={titles.length === 0} room={room} />
      </Group>
    </Stack>
  );
});

interface ChatTitlesProps {
  readonly titles: readonly ChatTitle[];
  readonly openId: string | undefined;
  readonly onChoose: (id: string) => void;
}

function ChatTitles({ titles, openId, onChoose }: ChatTitlesProps) {
  const [count, setCount] = useState(shownAtFirst);
  return (
    <Stack gap={0} className="chat-list">
      {titles.slice(0, count).map(({ id, title }) => (
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
      {titles.length > count && (
        <Button size="xs" variant="subtle" onClick={() => setCount(count + shownAtFirst)}>
          Older ones ({titles.length - count})
        </Button>
      )}
    </Stack>
  );
}

interface ChatFilesProps {
  readonly isEmpty: boolean;
  readonly room: ChatRoom;
}

function ChatFiles({ isEmpty, room }: ChatFilesProps) {
  const [problem, setProblem] = useState<string>();
  const read = async (file: File | null) => {
    if (file === null) return;
    const found = parseChatFile(await file.text());
    setProblem(typeof found === "string" ? found : undefined);
    if (typeof found !== "string") room.takeIn(found);
  };
  const save = () => {
    saveAsFile("rbee-chats.json", formatChatFile(room.current().conversations ?? []));
  };
  return (
    <>
      <Button size="xs" variant="default" disabled={isEmpty} onClick={save}>
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
