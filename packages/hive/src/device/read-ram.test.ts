import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { listMemoryStatPaths, parseInactiveFile } from "./read-ram.ts";

describe("listMemoryStatPaths", () => {
  it("names the group's own file first, in version 2 and in version 1", () => {
    assert.deepEqual(listMemoryStatPaths("0::/user.slice/app\n"), [
      "/sys/fs/cgroup/user.slice/app/memory.stat",
      "/sys/fs/cgroup/memory/memory.stat",
      "/sys/fs/cgroup/memory.stat",
    ]);
    assert.deepEqual(
      listMemoryStatPaths("5:cpu,cpuacct:/a\n4:memory:/docker/abc\n")[0],
      "/sys/fs/cgroup/memory/docker/abc/memory.stat",
    );
  });
});

describe("parseInactiveFile", () => {
  it("reads the file cache of both versions", () => {
    assert.equal(parseInactiveFile("anon 1\ninactive_file 4096\nactive_file 8192\n"), 4096);
    assert.equal(parseInactiveFile("inactive_file 1\ntotal_inactive_file 2048\n"), 2048);
    assert.equal(parseInactiveFile(""), 0);
  });
});
