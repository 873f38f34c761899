import { Alert, Button, Group, Skeleton, Stack, Title } from "@mantine/core";
import { ChatList } from "./chat-list.tsx";
import { ChatPanes } from "./chat-panes.tsx";
import { useChats } from "./use-chats.ts";
import { useOpenChats } from "./use-open-chats.ts";

/** Talking to models, to one or to two side by side. */
export function ChatPage() {
  const chats = useChats();
  const { conversations, problem, add, change, remove } = chats;
  const { shown, open, begin, compare } = useOpenChats(chats);
  if (conversations === undefined) return <Skeleton height={400} />;
  return (
    <Stack>
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
          openId={shown[0]?.id}
          onOpen={open}
          onNew={begin}
          onRemove={remove}
          onImport={(found) => found.forEach(add)}
        />
        {shown.length === 0 ? (
          <Button onClick={begin} w="fit-content">
            Begin a chat
          </Button>
        ) : (
          <ChatPanes shown={shown} change={change} />
        )}
      </div>
    </Stack>
  );
}
