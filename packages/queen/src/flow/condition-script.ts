/**
 * For any POSIX sh with coreutils; what else it tries may be missing. Tells `key=value` lines of the
 * condition of a machine and changes nothing. `$1` is the hive program, `$2` the port of its hive.
 */
export const conditionScript = `
echo "os=$(uname -s)"
echo "machine=$(uname -m)"
echo "clock=$(date +%s)"
echo "home=$HOME"
[ -w "$HOME" ] || echo "unwritable=$HOME"
case $1 in "~/"*) program=$HOME/\${1#"~/"} ;; *) program=$1 ;; esac
echo "program=$program"
if [ -x "$program" ]; then
  echo "version=$("$program" --version 2>&1 </dev/null | head -n 1)"
elif [ -e "$program" ]; then
  echo "program_state=not executable"
fi
if [ -r /proc/meminfo ]; then
  while read -r key value unit; do
    case $key in
      MemTotal:) echo "memory_total_kb=$value" ;;
      MemAvailable:) echo "memory_free_kb=$value" ;;
    esac
  done </proc/meminfo
fi
echo "disk=$(df -Pk "$HOME" 2>/dev/null | tail -n 1)"
state=\${RBEE_HOME:-$HOME/.rbee}
if [ -r "$state/run/hive.pid" ]; then
  read -r pid <"$state/run/hive.pid"
  kill -0 "$pid" 2>/dev/null && echo "hive_running=$pid" || echo "hive_gone=$pid"
fi
if [ -e "$state/keys/hive.key" ]; then
  echo "key_mode=$(ls -ld "$state/keys/hive.key" | cut -c 1-10)"
fi
if [ -r /proc/net/tcp ]; then
  hex=$(printf %04X "$2")
  cat /proc/net/tcp /proc/net/tcp6 2>/dev/null | while read -r slot local remote status rest; do
    case $local in *:$hex) [ "$status" = 0A ] && echo "listening=$local" ;; esac
  done
fi
for folder in /sys/bus/pci/devices/*; do
  [ -r "$folder/class" ] && read -r class <"$folder/class" || continue
  case $class in 0x03*) ;; *) continue ;; esac
  read -r vendor <"$folder/vendor"
  driver=
  [ -e "$folder/driver" ] && driver=$(basename "$(readlink "$folder/driver")")
  echo "card=$vendor $driver"
done
[ -r /proc/driver/nvidia/version ] && echo "nvidia_driver=loaded"
if command -v nvidia-smi >/dev/null 2>&1; then
  said=$(nvidia-smi -L 2>&1 </dev/null)
  code=$?
  echo "nvidia_smi=$code $(echo "$said" | head -n 1)"
fi
echo "end=yes"
`;
