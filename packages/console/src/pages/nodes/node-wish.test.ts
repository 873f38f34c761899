import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { AddNodeRequest, HostKeyRequest, UpdateNodeRequest } from "@rbee/contract";
import {
  addRequestOf,
  leadsElsewhere,
  noWish,
  placeOf,
  updateRequestOf,
  wishOf,
} from "./node-wish.ts";

const hostKey = `SHA256:${"a".repeat(43)}`;
const trust = { hostKey, isReplaced: false };
const wish = { ...noWish, name: " mac ", host: " mac.home " };

describe("what a person writes about a machine", () => {
  it("leaves out what is left to the SSH configuration, and blanks around names", () => {
    assert.deepEqual(placeOf(wish), { ssh_host: "mac.home" });
    const request = addRequestOf(wish, trust);
    assert.deepEqual(request, { node_name: "mac", ssh_host: "mac.home", host_key: hostKey });
    AddNodeRequest.parse(request);
    HostKeyRequest.parse(placeOf(wish));
  });

  it("is sent whole, with a key that is given up only when one says so", () => {
    const full = {
      name: "mac",
      host: "mac.home",
      port: 2222,
      user: "me",
      keyPath: "/keys/id",
      installPath: "~/rbee",
      gitRepoUrl: "https://git.example/rbee.git",
      gitBranch: "trunk",
    };
    const request = updateRequestOf(full, { hostKey, isReplaced: true });
    assert.deepEqual(UpdateNodeRequest.parse(request), {
      node_name: "mac",
      ssh_host: "mac.home",
      ssh_port: 2222,
      ssh_user: "me",
      ssh_key_path: "/keys/id",
      install_path: "~/rbee",
      git_repo_url: "https://git.example/rbee.git",
      git_branch: "trunk",
      accept_host_key: true,
      host_key: hostKey,
    });
    assert.equal(updateRequestOf(full, trust).accept_host_key, undefined);
  });

  it("leads elsewhere by host, port and user, and by nothing else", () => {
    const changes = [{ host: "other" }, { port: 22 }, { user: "you" }];
    for (const change of changes) assert.equal(leadsElsewhere(wish, { ...wish, ...change }), true);
    const same = { ...wish, host: "mac.home", keyPath: "/keys/id", name: "other" };
    assert.equal(leadsElsewhere(wish, same), false);
  });

  it("is filled from a machine that is registered", () => {
    const filled = wishOf({
      node_name: "mac",
      ssh_host: "mac.home",
      ssh_port: 22,
      ssh_user: null,
      ssh_key_path: null,
      git_repo_url: null,
      git_branch: "main",
      install_path: "/home/me/rbee",
      last_connected_unix: null,
      last_error: null,
      status: "reachable",
      backends: [],
      devices: null,
      host_key: hostKey,
    });
    assert.deepEqual(
      [filled.name, filled.host, filled.port, filled.user, filled.installPath],
      ["mac", "mac.home", 22, "", "/home/me/rbee"],
    );
  });
});
