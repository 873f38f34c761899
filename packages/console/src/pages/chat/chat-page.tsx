import { Alert, Button, Group, Skeleton, Stack, Text, Title } from "@mantine/core";
import { useCallback, useMemo } from "react";
import { ChatList } from "./chat-list.tsx";
import type { ChatTitle } from "./chat-list.tsx";
import type { ChatRoom, ChatRoomView } from "./chat-room.ts";
import { ChatPanes } from "./chat-panes.tsx";
import type { Conversation } from "./conversation.ts";
import { copyConversation, newConversation } from "./new-conversation.ts";
import { newId } from "./new-id.ts";
import { useChatRoom } from "./use-chat-room.ts";

/** Talking to models, to one or to two side by side. */
export function ChatPage() {
  const { room, view } = useChatRoom();
  const { conversations, problem } = view;
  const titles = useStableTitles(conversations ?? []);
  const begin = useCallback(() => beginChat(room), [room]);
  if (conversations === undefined) return <Skeleton height={400} />;
  const shown = listShown(view);
  const [first] = shown;
  return (
    <Stack>
      <Group justify="space-between">
        <Title order={1} size="h2">
          Chat
        </Title>
        {first !== undefined && (
          <Button variant="default" size="xs" onClick={() => compare(room, shown)}>
            {shown.length > 1 ? "One model" : "Two models side by side"}
          </Button>
        )}
      </Group>
      {problem !== undefined && <Alert color="yellow">{problem}</Alert>}
      <div className="chat-columns">
        <ChatList titles={titles} openId={first?.id} room={room} onNew={begin} />
        {first === undefined ? (
          <NoChat onBegin={begin} />
        ) : (
          <ChatPanes shown={shown} room={room} view={view} />
        )}
      </div>
    </Stack>
  );
}

function listShown({ conversations = [], openIds }: ChatRoomView): readonly Conversation[] {
  const chosen = openIds.flatMap((id) => conversations.find((chat) => chat.id === id) ?? []);
  return chosen.length > 0 ? chosen : conversations.slice(0, 1);
}

function beginChat(room: ChatRoom): void {
  const [before] = listShown(room.current());
  const conversation = newConversation(Date.now(), before?.model);
  room.add(conversation);
  room.open([conversation.id]);
}

// Conversations are others with every token of an answer, their names are not.
function useStableTitles(conversations: readonly Conversation[]): readonly ChatTitle[] {
  const titles = conversations.map(({ id, title }) => ({ id, title }));
  const key = JSON.stringify(titles);
  // oxlint-disable-next-line react-hooks/exhaustive-deps -- the key tells when they change
  return useMemo(() => titles, [key]);
}

function NoChat({ onBegin }: { readonly onBegin: () => void }) {
  return (
    <Stack gap="sm" align="flex-start">
      <Text>
        Ask any model that your machines have, or one from the hub: it is fetched first. What is
        said stays in this browser and on your machines.
      </Text>
      <Button onClick={onBegin}>Begin a chat</Button>
    </Stack>
  );
}

// The second one goes on from the same words, so that two answers can be compared at any time.
function compare(room: ChatRoom, [first, second]: readonly Conversation[]): void {
  if (first === undefined) return;
  if (second !== undefined) return room.open([first.id]);
  const beside = copyConversation(first, newId());
  room.add(beside);
  room.open([first.id, beside.id]);
}
