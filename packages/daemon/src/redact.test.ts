import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { redact } from "./redact.ts";

const secret = "sk-0123456789abcdefXYZ";

describe("redaction", () => {
  for (const text of [
    `Authorization: Bearer ${secret}`,
    `api_key=${secret}`,
    `"api_key":"${secret}"`,
    `HF_TOKEN=${secret} next`,
    `password: ${secret}`,
    `client-secret = '${secret}'`,
    `https://bee:${secret}@hub.example/x`,
    `-----BEGIN PRIVATE KEY-----\n${secret}\n-----END PRIVATE KEY-----`,
    `-----BEGIN OPENSSH PRIVATE KEY-----\n${secret}`,
    `the key rbee_A1b2C3_${secret}`,
    `token eyJhbGciOi.eyJzdWIiOi.${secret}`,
  ]) {
    it(`removes the secret from ${JSON.stringify(text.replace(secret, "…")).slice(0, 60)}`, () => {
      assert.ok(!redact(text).includes(secret), redact(text));
    });
  }

  it("keeps what is no secret", () => {
    const text = "12 tokens at key figures, port 8001, ünïcode 🐝";
    assert.equal(redact(text), text);
  });

  it("removes escape sequences and control characters, keeps tabs and line ends", () => {
    assert.equal(redact("\u001b[31mred\u001b[0m\u0007\u0000\tx\ny"), "red\tx\ny");
    assert.equal(redact("\u001b]0;title\u0007text"), "text");
  });
});
