import { Stack } from "@mantine/core";
import { useCallback, useRef } from "react";
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
  const panes = useRef<HTMLDivElement>(null);
  const { isAway, toEnd } = useFollowEnd(panes);
  // The same functions while the same conversations are shown: where one writes is not drawn anew
  // while an answer grows.
  const ids = shown.map(({ id }) => id).join(" ");
  const say = useCallback(
    (text: string) => {
      toEnd();
      for (const id of ids.split(" ")) room.sayNext(id, text);
    },
    [room, ids, toEnd],
  );
  const stop = useCallback(() => ids.split(" ").forEach(room.stop), [room, ids]);
  return (
    <Stack gap="xs" className="chat-main">
      <div className="chat-panes" ref={panes}>
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
        isAway={isAway}
        onToEnd={toEnd}
        onSay={say}
        onStop={stop}
      />
    </Stack>
  );
}
