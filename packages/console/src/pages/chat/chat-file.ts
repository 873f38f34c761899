import { z } from "zod";
import { Conversation } from "./conversation.ts";

const ChatFile = z.object({ rbee_chats: z.literal(1), conversations: z.array(Conversation) });

/** Conversations as a file that another browser can read. */
export function formatChatFile(conversations: readonly Conversation[]): string {
  return `${JSON.stringify({ rbee_chats: 1, conversations }, null, 2)}\n`;
}

/** The conversations of such a file; a sentence for the person when it is none. */
export function parseChatFile(text: string): readonly Conversation[] | string {
  let content: unknown;
  try {
    content = JSON.parse(text);
  } catch {
    return "This file is not JSON: choose one that was exported here.";
  }
  const parsed = ChatFile.safeParse(content);
  if (parsed.success) return parsed.data.conversations;
  const place = parsed.error.issues[0]?.path.join(".") ?? "";
  return `This file holds no conversations of rbee (it breaks at ${place || "its top"}).`;
}
