import { Alert, Button, Group, Skeleton, Stack, Title } from "@mantine/core";
import { useCallback, useRef, useState } from "react";
import { ChatList } from "./chat-list.tsx";
import { ChatPane } from "./chat-pane.tsx";
import type { PaneHandle } from "./chat-pane.tsx";
import { Composer } from "./composer.tsx";
import { newConversation, useChats } from "./use-chats.ts";

/** Talking to models, to one or to two side by side. */
export function ChatPage() {
  const { conversations, problem, add, change, remove } = useChats();
  const [openIds, setOpenIds] = useState<readonly string[]>([]);
  const [answering, setAnswering] = useState<readonly string[]>([]);
  const handles = useRef(new Map<string, PaneHandle>());
  const noteAnswering = useCallback((id: string, isAnswering: boolean) => {
    setAnswering((before) => [
      ...before.filter((other) => other !== id),
      ...(isAnswering ? [id] : []),
    ]);
  }, []);
  if (conversations === undefined) return <Skeleton height={400} />;
  const chosen = openIds.filter((id) => conversations.some((chat) => chat.id === id));
  const shown = chosen.length > 0 ? chosen : conversations.slice(0, 1).map(({ id }) => id);
  const begin = (model?: string) => {
    const conversation = newConversation(model);
    add(conversation);
    return conversation.id;
  };
  const compare = () => {
    const [first] = shown;
    if (shown.length > 1 || first === undefined) setOpenIds(shown.slice(0, 1));
    else setOpenIds([first, begin()]);
  };
  const say = (text: string) => {
    if (shown.length > 0) for (const id of shown) handles.current.get(id)?.say(text);
  };
  const keepHandle = (id: string) => (handle: PaneHandle | null) => {
    if (handle === null) handles.current.delete(id);
    else handles.current.set(id, handle);
  };
  return (
    <Stack className="chat-page">
      <Group justify="space-between">
        <Title order={1} size="h2">
          Chat
        </Title>
        {shown.length > 0 && (
          <Button variant="default" size="xs" onClick={compare}>
            {shown.length > 1 ? "One model" : "Two models side by side"}
          </Button>
        )}
      </Group>
      {problem !== undefined && <Alert color="yellow">{problem}</Alert>}
      <div className="chat-columns">
        <ChatList
          conversations={conversations}
          openId={shown[0]}
          onOpen={(id) => setOpenIds([id])}
          onNew={() => setOpenIds([begin()])}
          onRemove={remove}
          onImport={(found) => found.forEach(add)}
        />
        <Stack gap="xs" className="chat-main">
          <div className="chat-panes">
            {shown.map((id) => {
              const conversation = conversations.find((chat) => chat.id === id);
              if (conversation === undefined) return null;
              return (
                <ChatPane
                  key={id}
                  ref={keepHandle(id)}
                  conversation={conversation}
                  change={change}
                  onAnswering={noteAnswering}
                />
              );
            })}
          </div>
          {shown.length === 0 ? (
            <Button onClick={() => setOpenIds([begin()])} w="fit-content">
              Begin a chat
            </Button>
          ) : (
            <Composer
              isAnswering={answering.length > 0}
              onSay={say}
              onStop={() => {
                for (const handle of handles.current.values()) handle.stop();
              }}
            />
          )}
        </Stack>
      </div>
    </Stack>
  );
}
