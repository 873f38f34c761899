/** What the first process of a host does, in namespaces of its own, before anything else. */
export interface HostScriptInput {
  readonly name: string;
  /** An empty folder of the machine, under which the host's file system is put together. */
  readonly stage: string;
  /** Folders below the host's own writable one, the nearest first. */
  readonly layers: readonly string[];
  /** Folders of the machine that the host sees at the same path, to be read only. */
  readonly binds: readonly string[];
  readonly diskSize: string;
}

/**
 * The shell script that becomes a host: mounts, a name, an SSH server. It lives until its standard
 * input ends, and with it, as the first process of its namespace, everything on the host. Nothing
 * that it mounts is ever seen outside, so nothing is left after it.
 */
export function hostScript(input: HostScriptInput): string {
  const { name, stage, layers, binds, diskSize } = input;
  const root = `${stage}/root`;
  const inRoot = (path: string) => quote(`${root}${path}`);
  return [
    "set -eu",
    `mount -t tmpfs -o size=${diskSize},mode=755 ${quote(name)} ${quote(stage)}`,
    `mkdir ${["upper", "work", "root"].map((part) => quote(`${stage}/${part}`)).join(" ")}`,
    `mount -t overlay overlay -o ${quote(overlayOptions(stage, layers))} ${quote(root)}`,
    `mount -t proc proc ${inRoot("/proc")}`,
    `mount --rbind /sys ${inRoot("/sys")}`,
    `mount -t tmpfs -o mode=755,size=1m dev ${inRoot("/dev")}`,
    `mkdir ${inRoot("/dev/pts")} ${inRoot("/dev/shm")}`,
    `mount -t devpts -o newinstance,ptmxmode=0666,mode=620,gid=5 pts ${inRoot("/dev/pts")}`,
    `mount -t tmpfs -o mode=1777 shm ${inRoot("/dev/shm")}`,
    `ln -s pts/ptmx ${inRoot("/dev/ptmx")}`,
    `ln -s /proc/self/fd ${inRoot("/dev/fd")}`,
    ...["null", "zero", "full", "random", "urandom", "tty"].flatMap((device) => [
      `touch ${inRoot(`/dev/${device}`)}`,
      `mount --bind /dev/${device} ${inRoot(`/dev/${device}`)}`,
    ]),
    ...binds.flatMap((path) => [
      `mkdir -p ${inRoot(path)}`,
      `mount --rbind ${quote(path)} ${inRoot(path)}`,
      `mount -o remount,bind,ro ${inRoot(path)}`,
    ]),
    `hostname ${quote(name)}`,
    `cd ${quote(root)}`,
    "pivot_root . mnt",
    `exec chroot . /bin/sh -c ${quote(insideScript)}`,
  ].join("\n");
}

// The shell waits for `cat` and thereby for every orphan too: there are no zombies on a host.
const insideScript = [
  "umount -l /mnt",
  "mkdir -p /run/sshd",
  "echo ready",
  "exec >/dev/null 2>&1",
  "cat",
  "exit 0",
].join("\n");

function overlayOptions(stage: string, layers: readonly string[]): string {
  return `lowerdir=${layers.join(":")},upperdir=${stage}/upper,workdir=${stage}/work`;
}

/** One word for a POSIX shell. */
export function quote(word: string): string {
  return `'${word.replaceAll("'", `'\\''`)}'`;
}
