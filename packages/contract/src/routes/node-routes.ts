import {
  AddNodeRequest,
  HostKeyRequest,
  InstallNodeRequest,
  NodeChanged,
  NodeEvent,
  NodeList,
  NodeNameRequest,
  ShownHostKey,
  UpdateNodeRequest,
} from "../nodes.ts";
import { InstallEvent } from "../stream-events.ts";
import { defineRoutes } from "./define-route.ts";

/** What may go wrong on the way into a machine. */
export const sshErrors = [
  "SSH_CONNECTION_TIMEOUT",
  "SSH_CONNECTION_REFUSED",
  "SSH_HOST_UNKNOWN",
  "SSH_AUTH_FAILED",
  "SSH_HOST_KEY_CHANGED",
  "SSH_KEY_NOT_FOUND",
  "SSH_CLIENT_MISSING",
  "NODE_UNREACHABLE",
] as const;

/**
 * The registry of nodes, a part of the queen's routes. Who asks for `text/event-stream` where there
 * is a JSON answer gets the story as well.
 */
export const nodeRoutes = defineRoutes({
  showHostKey: {
    method: "post",
    path: "/v2/registry/beehives/host-key",
    summary: "The SSH host key that a machine shows, before it is trusted; nobody logs in",
    body: HostKeyRequest,
    answer: ShownHostKey,
    errors: [...sshErrors],
  },
  addNode: {
    method: "post",
    path: "/v2/registry/beehives/add",
    summary: "Test SSH to a machine and register it",
    body: AddNodeRequest,
    answer: NodeChanged,
    events: NodeEvent,
    errors: ["NODE_ALREADY_EXISTS", ...sshErrors],
  },
  updateNode: {
    method: "post",
    path: "/v2/registry/beehives/update",
    summary: "Change a node and test it again",
    body: UpdateNodeRequest,
    answer: NodeChanged,
    events: NodeEvent,
    errors: ["NODE_NOT_FOUND", ...sshErrors],
  },
  removeNode: {
    method: "post",
    path: "/v2/registry/beehives/remove",
    summary: "Stop what the queen started there and forget the node",
    body: NodeNameRequest,
    answer: NodeChanged,
    events: NodeEvent,
    errors: ["NODE_NOT_FOUND"],
  },
  listNodes: {
    method: "get",
    path: "/v2/registry/beehives/list",
    summary: "The registered nodes, sorted by name",
    answer: NodeList,
    errors: [],
  },
  installNode: {
    method: "post",
    path: "/v2/registry/beehives/install",
    summary: "Put rbee on a node",
    body: InstallNodeRequest,
    events: InstallEvent,
    errors: [
      "NODE_NOT_FOUND",
      "INSUFFICIENT_DISK",
      "PLATFORM_UNSUPPORTED",
      "PAYLOAD_UNAVAILABLE",
      "INVALID_RESPONSE",
      "INSECURE_SECRET",
      "INSTALL_RUNNING",
      "INSTALL_FAILED",
      "BUILD_TOOLS_MISSING",
      ...sshErrors,
    ],
  },
});
