import { lockName, manifestFileName, sourceFolderName, stagingFolderName } from "@rbee/payload";

// For any POSIX sh with coreutils; what else a script tries may be missing. `$1` is the install
// path everywhere.

/** Tells `key=value` lines of what kind of machine this is; changes nothing. */
export const probeScript = `
printf '%s\\n' "os=$(uname -s)"
printf '%s\\n' "machine=$(uname -m)"
printf '%s\\n' "home=$HOME"
if [ "$(uname -s)" = Linux ]; then
  libc=$(getconf GNU_LIBC_VERSION 2>/dev/null) || libc=
  if [ -z "$libc" ]; then
    for file in /lib/ld-musl-*; do [ -e "$file" ] && libc=musl; done
  fi
  printf '%s\\n' "libc=$libc"
  for file in /sys/bus/pci/devices/*; do
    [ -r "$file/class" ] && read -r class <"$file/class" || continue
    case $class in 0x03*) read -r vendor <"$file/vendor" && printf '%s\\n' "card=$vendor" ;; esac
  done
fi
nvidia-smi -L 2>/dev/null | while read -r line; do
  case $line in "GPU "*) printf '%s\\n' "nvidia=$line" ;; esac
done
vulkaninfo --summary 2>/dev/null | while read -r line; do
  case $line in deviceType*|deviceName*) printf '%s\\n' "vulkan=$line" ;; esac
done
case $1 in "~") path=$HOME ;; "~/"*) path=$HOME/\${1#\\~/} ;; *) path=$1 ;; esac
printf '%s\\n' "path=$path"
[ -d "$path" ] && printf '%s\\n' "there=yes"
folder=$path
while [ ! -d "$folder" ] && [ "$folder" != / ] && [ "$folder" != . ]; do
  folder=$(dirname -- "$folder")
done
printf '%s\\n' "disk=$(df -Pk "$folder" 2>/dev/null | tail -n 1)"
[ -w "$folder" ] && printf '%s\\n' "writable=yes" || printf '%s\\n' "writable=$folder"
command -v gzip >/dev/null 2>&1 && printf '%s\\n' "gzip=yes"
for folder in "$path/current" "$path"/versions/*; do
  program=$folder/runtime/bin/node
  [ -x "$program" ] && version=$("$program" --version 2>/dev/null) || continue
  printf '%s\\n' "runtime=$version $program"
  break
done
`;

/**
 * Takes the lock for as long as this shell lives; \`$2\` is who asks, \`$3\` a text of this one time.
 * The lock is a link whose target says which process holds it, since when, and for whom: a process
 * that is gone holds nothing, and whoever asks twice takes it from itself.
 */
export const lockScript = `
mkdir -p -- "$1" || { printf '%s\\n' "failed=$(mkdir -p -- "$1" 2>&1)"; set --; }
rbee_began() {
  if [ -r "/proc/$1/stat" ]; then
    read -r rbee_line <"/proc/$1/stat" && set -- \${rbee_line##*) } && echo "\${20}"
  else
    ps -o lstart= -p "$1" 2>/dev/null | tr -cs 'A-Za-z0-9' '-'
  fi
}
if [ $# -gt 0 ]; then
  rbee_lock=$1/${lockName}
  rbee_owner=$2
  rbee_mine="$$:$(rbee_began $$):$2:$3"
  rbee_path=$1
  rbee_release() {
    [ "$(readlink "$rbee_lock")" = "$rbee_mine" ] || return
    rm -f "$rbee_lock"
    # Where nothing came to be, nothing stays.
    rmdir "$rbee_path/${stagingFolderName}" "$rbee_path" 2>/dev/null
  }
  for rbee_try in 1 2 3 4 5; do
    if ln -s "$rbee_mine" "$rbee_lock" 2>/dev/null; then
      trap rbee_release EXIT
      trap 'exit 1' HUP INT TERM PIPE
      printf '%s\\n' "held=$rbee_mine"
      break
    fi
    rbee_held=$(readlink "$rbee_lock") || rbee_held=
    if [ -z "$rbee_held" ]; then
      [ -e "$rbee_lock" ] || [ -w "$1" ] && continue
      printf '%s\\n' "failed=no permission to write in $1"
      break
    fi
    rbee_pid=\${rbee_held%%:*}
    rbee_rest=\${rbee_held#*:}
    rbee_since=\${rbee_rest%%:*}
    rbee_rest=\${rbee_rest#*:}
    if [ "$(rbee_began "$rbee_pid")" = "$rbee_since" ] && [ -n "$rbee_since" ]; then
      if [ "\${rbee_rest%%:*}" != "$rbee_owner" ]; then
        printf '%s\\n' "busy=$rbee_pid"
        break
      fi
      kill "$rbee_pid" 2>/dev/null
      sleep 1
    fi
    [ "$(readlink "$rbee_lock")" = "$rbee_held" ] && rm -f "$rbee_lock"
  done
fi
`;

/**
 * Says how much of a file is there: \`size=<bytes>\`; \`$2\` is the file. It is made a file of its own
 * first: a command of a connection that was cut may still have it open, and would go on writing.
 */
export const sizeScript = `
mkdir -p -- "$1/${stagingFolderName}" || exit 1
[ -f "$2" ] && { cp "$2" "$2.own" && mv -f "$2.own" "$2" || rm -f "$2" "$2.own"; }
[ -f "$2" ] && printf '%s\\n' "size=$(wc -c <"$2")" || printf '%s\\n' "size=0"
`;

/** Says the digest of a file where something can tell it: \`$2\` is the file. */
export const digestScript = `
if command -v sha256sum >/dev/null 2>&1; then sha256sum <"$2"
elif command -v shasum >/dev/null 2>&1; then shasum -a 256 <"$2"
elif command -v openssl >/dev/null 2>&1; then openssl dgst -sha256 -r <"$2"
else echo unknown
fi
`;

/** Makes \`$2\` a program under the name \`$3\`. */
export const keepProgramScript = `chmod 755 "$2" && mv -f "$2" "$3"`;

/** Appends stdin to \`$1\`. */
export const appendScript = `exec cat >>"$1"`;
export const appendGzipScript = `exec gzip -dc >>"$1"`;

/** Writes stdin to \`$1\`, which is whole or not there. */
export const writeScript = `cat >"$1.new" && mv -f "$1.new" "$1"`;

/** Writes stdin to the file of the hive's key, for the eyes of its owner only. */
export const keyScript = `
umask 077
home=\${RBEE_HOME:-$HOME/.rbee}
mkdir -p -- "$home/keys" && chmod 700 "$home" "$home/keys" || exit 1
cat >"$home/keys/hive.key.new" && [ -s "$home/keys/hive.key.new" ] || exit 1
chmod 600 "$home/keys/hive.key.new" && mv -f "$home/keys/hive.key.new" "$home/keys/hive.key"
`;

/**
 * Says which processes run from the install path: \`running=<pid> <program>\`. They are known by the
 * file that they run, which is inside; \`$1\` is that path.
 */
export const runningScript = `
[ -d "$1/versions" ] || exit 0
root=$(CDPATH= cd -P -- "$1" && pwd -P) || exit 0
if [ -d /proc/self ]; then
  for folder in /proc/[0-9]*; do
    file=$(readlink "$folder/exe" 2>/dev/null) || continue
    case $file in "$root"/*) printf '%s\\n' "running=\${folder#/proc/} $file" ;; esac
  done
else
  ps -axo pid=,comm= | while read -r pid file; do
    case $file in "$root"/*) printf '%s\\n' "running=$pid $file" ;; esac
  done
fi
`;

/**
 * Takes away what the manifests name, the links, what was on its way, and the node's own state;
 * says \`left=<path>\` of what is not ours and stays, and \`models=<path>\` when there are models.
 */
export const uninstallScript = `
path=$1
home=\${RBEE_HOME:-$HOME/.rbee}
for version in "$path"/versions/*; do
  [ -f "$version/${manifestFileName}" ] || continue
  while read -r digest file; do rm -f -- "$version/$file"; done <"$version/${manifestFileName}"
  rm -rf -- "$version/.cache"
  rm -f -- "$version/${manifestFileName}"
  # Folders go from the inside out, as far as they are empty.
  while :; do
    before=$(find "$version" -type d 2>/dev/null | wc -l)
    find "$version" -type d -exec rmdir {} + 2>/dev/null
    after=$(find "$version" -type d 2>/dev/null | wc -l)
    [ "$before" = "$after" ] && break
  done
done
for link in "$path"/bin/*; do
  [ -h "$link" ] || continue
  case $(readlink "$link") in ../current/bin/*) rm -f -- "$link" ;; esac
done
if [ -h "$path/current" ]; then
  case $(readlink "$path/current") in versions/*) rm -f -- "$path/current" ;; esac
fi
rm -rf -- "$path/${stagingFolderName}" "$path/${sourceFolderName}"
rm -f -- "$path/${lockName}"
rmdir -- "$path/bin" "$path/versions" 2>/dev/null
rmdir -- "$path" 2>/dev/null
[ -d "$path" ] && for file in "$path"/* "$path"/.[!.]*; do
  [ -e "$file" ] && printf '%s\\n' "left=$file"
done
models=$HOME/.local/share/rbee/models
if [ -d "$models" ] && [ -n "$(find "$models" -type f 2>/dev/null | head -n 1)" ]; then
  printf '%s\\n' "models=$models"
else
  [ -d "$models" ] && rm -rf -- "$models"
  rmdir -- "$HOME/.local/share/rbee" 2>/dev/null
fi
[ -d "$home" ] || exit 0
# Somebody works from that machine, too: its registry and its keys are not this node's.
if [ -f "$home/beehives.db" ]; then
  printf '%s\\n' "left=$home"
  exit 0
fi
rm -f -- "$home"/models.db*
case $home in
  */.rbee) rm -rf -- "$home/keys" "$home/logs" "$home/run" "$home/cache" "$home/known_hosts" ;;
  *)
    # A folder that somebody chose may be used for other things, too.
    rm -f -- "$home"/keys/hive.key* "$home"/logs/hive.log* "$home"/logs/worker-* "$home"/run/hive*
    rm -rf -- "$home/cache/compile"
    rmdir -- "$home/keys" "$home/logs" "$home/run" "$home/cache" 2>/dev/null
    ;;
esac
rmdir -- "$home" 2>/dev/null
[ ! -d "$home" ] || [ "\${home%/.rbee}" = "$home" ] || printf '%s\\n' "left=$home"
`;

/** Says \`missing=<name>\` of what a build needs and is not there. */
export const buildToolsScript = `
command -v git >/dev/null 2>&1 || echo "missing=git"
version=$(node --version 2>/dev/null) || version=
case $version in
  "") echo "missing=Node.js 20 or newer" ;;
  v[0-9].*|v1[0-9].*) echo "missing=Node.js 20 or newer (there is $version)" ;;
esac
command -v npm >/dev/null 2>&1 || echo "missing=npm"
`;

/**
 * Brings a clone of ours in \`$1\` to the newest commit of branch \`$3\` of \`$2\`. Nobody is there to
 * be asked for a password.
 */
export const cloneScript = `
export GIT_TERMINAL_PROMPT=0 GIT_SSH_COMMAND="ssh -o BatchMode=yes"
if [ -d "$1/.git" ]; then
  git -C "$1" remote set-url origin "$2" || exit 1
  git -C "$1" fetch --depth 1 origin "$3" || exit 1
  git -C "$1" reset --hard FETCH_HEAD || exit 1
else
  mkdir -p -- "$(dirname -- "$1")" || exit 1
  git clone --depth 1 --branch "$3" -- "$2" "$1" || exit 1
fi
printf '%s\\n' "commit=$(git -C "$1" rev-parse HEAD)"
`;

/** Brings a person's own clone in \`$1\` forward on branch \`$2\`; never against what they did there. */
export const pullScript = `
export GIT_TERMINAL_PROMPT=0 GIT_SSH_COMMAND="ssh -o BatchMode=yes"
[ -d "$1/.git" ] || { printf '%s\\n' "$1 is no clone"; exit 1; }
git -C "$1" fetch origin "$2" && git -C "$1" checkout "$2" &&
  git -C "$1" merge --ff-only FETCH_HEAD || exit 1
printf '%s\\n' "commit=$(git -C "$1" rev-parse HEAD)"
`;

/** Builds in the clone \`$1\`, for the GPU kind \`$3\`, and keeps the payload in \`$2\`. */
export const buildScript = `
cd -- "$1" || exit 1
# What npm keeps goes with the rest, unless the person has such a place already.
[ -d "$HOME/.npm" ] || { npm_config_cache=$2/npm; export npm_config_cache; }
node scripts/install.mjs runtime || exit 1
node scripts/with-node24.mjs scripts/make-payload.ts "$2" "$3"
`;
