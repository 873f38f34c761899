export const usage = `rbee-hive: the pool manager of one node

  rbee-hive [daemon] [--port <port>] [--host <address>] [--addr <host:port>]
                     [--config <file>] [--node <name>]
  rbee-hive start                       the daemon in the background; the same options
  rbee-hive stop                        the hive of this node, with its workers
  rbee-hive status                      who runs here, and its workers
  rbee-hive detect                      processor, memory, disk, GPUs
  rbee-hive models [list]               the catalogue of this node
  rbee-hive models show|pull|rm <model>
  rbee-hive models verify [<model>]
  rbee-hive worker [list]
  rbee-hive worker spawn <model> [--backend <name>] [--device <n>] [--slots <n>] [--context <n>]
  rbee-hive worker stop <id>

  The commands for this node ask the hive that runs here. All of them take --json, --port
  and --config. --started-by <id> and --ready-fd <n> are for whoever starts the daemon; start
  also takes --default-addr <host:port> (unless the configuration says where), --key-stdin and
  --json.

Example: rbee-hive worker spawn hello-bee --slots 2
`;
