import { Stack } from "@mantine/core";
import { useCallback, useRef, useState } from "react";
import { ChatPane } from "./chat-pane.tsx";
import type { PaneHandle } from "./chat-pane.tsx";
import { Composer } from "./composer.tsx";
import type { Conversation } from "./conversation.ts";
import type { Chats } from "./use-chats.ts";

interface ChatPanesProps {
  readonly shown: readonly Conversation[];
  readonly change: Chats["change"];
}

/** The open conversations and the one place to write, which speaks to all of them. */
export function ChatPanes({ shown, change }: ChatPanesProps) {
  const [answering, setAnswering] = useState<readonly string[]>([]);
  const handles = useRef(new Map<string, PaneHandle>());
  const noteAnswering = useCallback((id: string, isAnswering: boolean) => {
    setAnswering((before) => [
      ...before.filter((other) => other !== id),
      ...(isAnswering ? [id] : []),
    ]);
  }, []);
  const keepHandle = (id: string) => (handle: PaneHandle | null) => {
    if (handle === null) handles.current.delete(id);
    else handles.current.set(id, handle);
  };
  const each = (act: (handle: PaneHandle) => void) => {
    for (const handle of handles.current.values()) act(handle);
  };
  return (
    <Stack gap="xs" className="chat-main">
      <div className="chat-panes">
        {shown.map((conversation) => (
          <ChatPane
            key={conversation.id}
            ref={keepHandle(conversation.id)}
            conversation={conversation}
            change={change}
            onAnswering={noteAnswering}
          />
        ))}
      </div>
      <Composer
        isAnswering={answering.length > 0}
        onSay={(text) => each(({ say }) => say(text))}
        onStop={() => each(({ stop }) => stop())}
      />
    </Stack>
  );
}
