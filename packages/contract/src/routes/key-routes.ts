import {
  CreateKeyRequest,
  KeyCreated,
  KeyList,
  KeyRevoked,
  KeyUsage,
  KeyUsageQuery,
} from "../keys.ts";
import { defineRoutes } from "./define-route.ts";

/** The API keys of the queen, a part of her routes. */
export const keyRoutes = defineRoutes({
  listKeys: {
    method: "get",
    path: "/v2/keys",
    summary: "The API keys of the queen, without the keys themselves",
    answer: KeyList,
    errors: [],
  },
  createKey: {
    method: "post",
    path: "/v2/keys",
    summary: "Make an API key; the answer is the only place that ever shows it",
    body: CreateKeyRequest,
    answer: KeyCreated,
    status: 201,
    errors: ["KEY_ALREADY_EXISTS", "INVALID_MODEL_REF"],
  },
  keyUsage: {
    method: "get",
    path: "/v2/keys/usage",
    summary: "What each key asked for, by day: requests, prompt tokens, generated tokens",
    query: KeyUsageQuery,
    answer: KeyUsage,
    errors: ["KEY_NOT_FOUND"],
  },
  revokeKey: {
    method: "delete",
    path: "/v2/keys/:id",
    summary: "Refuse a key from now on",
    answer: KeyRevoked,
    errors: ["KEY_NOT_FOUND"],
  },
});
