import { strict as assert } from "node:assert";
import { spawn } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { networkInterfaces, tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { eventually } from "../eventually.ts";
import { findProcess, isAlive } from "../process-table.ts";
import { createHostNetwork } from "./create-host-network.ts";
import { hostNetworkObstacles } from "./ensure-debian.ts";

const obstacles = hostNetworkObstacles();
const skip = obstacles.length === 0 ? false : `needs ${obstacles.join(", ")}`;
const timeout = 300_000;
const askMac =
  "ssh -o BatchMode=yes -o ConnectTimeout=1 -o StrictHostKeyChecking=accept-new mac hostname 2>&1; true";

test("the person at blep logs in to bare machines by name", { skip, timeout }, async () => {
  await using network = await createHostNetwork();
  const { blep, mac } = network.hosts;
  assert.match(await blep.shell(askMac), /^mac$/m);
  const found = await mac.shell("command -v node npm git curl wget; true");
  assert.equal(found, "");
  assert.equal((await mac.shell("id -un; pwd; ls")).trim(), "bee\n/home/bee");
  assert.deepEqual(await network.findLeft(1000), []);
  assert.match((await network.keeper(["--version"])).stdout(), /\d+\.\d+\.\d+/);
});

test("hosts share neither files nor processes nor ports", { skip, timeout }, async () => {
  await using network = await createHostNetwork();
  const { blep, mac, workstation } = network.hosts;
  await mac.write("/home/bee/deep/note", "honey", "600");
  assert.equal(await mac.read("/home/bee/deep/note"), "honey");
  assert.equal(await workstation.exists("/home/bee/deep/note"), false);
  const sleeper = await mac.start(["sleep", "60"]);
  const [entry] = await eventually(() => mac.processes().length > 0 && mac.processes());
  assert.match(entry?.command ?? "", /sleep 60/);
  assert.deepEqual(blep.processes(), []);
  assert.match((await network.findLeft(10)).join("\n"), /^mac: process \d+ sleep 60$/);
  assert.throws(() => blep.signal(entry?.pid ?? 0, "SIGTERM"), /is not of blep/);
  sleeper.signal("SIGTERM");
  assert.equal((await sleeper.ended).signal, "SIGTERM");
});

test("a cable is cut and mended, a port closed and opened", { skip, timeout }, async () => {
  await using network = await createHostNetwork();
  const { blep, mac } = network.hosts;
  mac.cable.cut();
  assert.match(await blep.shell(askMac), /Connection timed out/);
  mac.cable.mend();
  assert.match(await blep.shell(askMac), /^mac$/m);
  mac.cable.closePort(22);
  assert.match(await blep.shell(askMac), /Connection timed out/);
  mac.cable.openPort(22);
  assert.match(await blep.shell(askMac), /^mac$/m);
  await mac.stopSshServer();
  assert.match(await blep.shell(askMac), /Connection refused/);
  await mac.startSshServer();
  assert.match(await blep.shell(askMac), /^mac$/m);
});

test("a slow cable takes its time, a small disk gets full", { skip, timeout }, async () => {
  await using network = await createHostNetwork();
  const { blep, mac } = network.hosts;
  await blep.shell(askMac);
  mac.cable.limit(8);
  const startedAt = performance.now();
  const line = "head -c 1000000 /dev/zero | ssh mac 'cat > zeros; stat -c %s zeros'";
  assert.equal((await blep.shell(line)).trim(), "1000000");
  const elapsedMs = performance.now() - startedAt;
  assert.ok(elapsedMs > 700, `8 Mbit took ${elapsedMs} ms over 8 Mbit/s`);
  mac.cable.limit(undefined);
  await mac.mountSmallDisk("/home/bee/models", 1);
  await assert.rejects(mac.shell("head -c 2000000 /dev/zero > models/x"), /No space left/);
});

test("homes that were saved are there again on other hosts", { skip, timeout }, async () => {
  const folder = mkdtempSync(join(tmpdir(), "rbee-homes-"));
  try {
    await using network = await createHostNetwork();
    const { mac } = network.hosts;
    await mac.shell("mkdir -p rbee && echo 1 > rbee/one && ln -s one rbee/current");
    network.saveHomes(folder);
    await using other = await createHostNetwork({ homes: folder });
    assert.equal(
      await other.hosts.mac.shell("readlink rbee/current; stat -c %U rbee/one"),
      "one\nbee\n",
    );
    assert.equal(await other.hosts.workstation.exists("/home/bee/rbee"), false);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
});

test("nothing is left of the hosts of a process that was killed", { skip, timeout }, async () => {
  const module = JSON.stringify(join(import.meta.dirname, "create-host-network.ts"));
  const code = `
    const { createHostNetwork } = await import(${module});
    const { hosts } = await createHostNetwork();
    await hosts.mac.shell("sleep 4711 >/dev/null 2>&1 &");
    console.log(hosts.mac.processes()[0].pid, hosts.mac.address.split(".")[2]);
    setInterval(() => {}, 1000);
  `;
  const child = spawn(process.execPath, ["--input-type=module", "-e", code], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  let said = "";
  child.stdout.on("data", (text: Buffer) => (said += text.toString()));
  await eventually(() => said.includes("\n"), { what: "the word of the other process" });
  const [sleeper = 0, subnet] = said.split(" ").map(Number);
  assert.match(findProcess(sleeper)?.command ?? "", /sleep 4711/);
  child.kill("SIGKILL");
  await eventually(() => !isAlive(sleeper), { what: "the end of what ran on the host" });
  await eventually(() => networkInterfaces()[`rbee${subnet}`] === undefined);
});
