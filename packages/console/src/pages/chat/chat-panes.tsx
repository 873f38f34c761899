import { Stack } from "@mantine/core";
import { ChatPane } from "./chat-pane.tsx";
import type { ChatRoom, ChatRoomView } from "./chat-room.ts";
import { Composer } from "./composer.tsx";
import type { Conversation } from "./conversation.ts";
import { useFollowEnd } from "./use-follow-end.ts";

interface ChatPanesProps {
  readonly shown: readonly Conversation[];
  readonly room: ChatRoom;
  readonly view: ChatRoomView;
}

/** The open conversations and the one place to write, which speaks to all of them. */
export function ChatPanes({ shown, room, view }: ChatPanesProps) {
  const isAnswering = shown.some(({ id }) => view.answers[id] !== undefined);
  const follow = useFollowEnd(shown);
  const say = (text: string) => {
    follow.toEnd();
    for (const { id, tip } of shown) room.say(id, text, tip);
  };
  return (
    <Stack gap="xs" className="chat-main">
      <div className="chat-panes">
        {shown.map((conversation) => (
          <ChatPane
            key={conversation.id}
            conversation={conversation}
            room={room}
            answer={view.answers[conversation.id]}
            failure={view.failures[conversation.id]}
          />
        ))}
      </div>
      <Composer
        key={shown[0]?.id}
        isAnswering={isAnswering}
        isAway={follow.isAway}
        onToEnd={follow.toEnd}
        onSay={say}
        onStop={() => shown.forEach(({ id }) => room.stop(id))}
      />
    </Stack>
  );
}
