/**
 * Every default figure of the system: ports, timings, sizes. Nothing else in rbee writes such a
 * number. Timings are milliseconds, sizes are bytes unless the name says otherwise.
 */

export const ports = {
  queen: 8080,
  hive: 9200,
  /** First port that a hive tries for its workers; the next free one is taken. */
  workerBase: 8001,
  listenMin: 1024,
  listenMax: 65_535,
} as const;

export const timings = {
  /** Three attempts to reach a hive, each with this limit, after these waits. */
  connectTimeoutMs: 10_000,
  connectDelaysMs: [0, 200, 400],
  /** A first attempt that is answered sooner, yes or no, is no news to a person. */
  quietAttemptMs: 250,
  /** A connection over SSH is asked whether it lives; after so many silences it does not. */
  sshAliveIntervalMs: 5000,
  sshAliveMissedMax: 2,
  /** A command that did not begin because the server allows no further session yet. */
  sessionDelaysMs: [200, 400, 800, 1600, 3200],
  /** Until an SSH client that was told to end is ended by force. */
  sshCloseMs: 2000,
  queenStartPollMs: 100,
  queenStartTimeoutMs: 30_000,
  localHiveStartPollMs: 100,
  localHiveStartTimeoutMs: 10_000,
  remoteHiveStartTimeoutMs: 60_000,
  /** Before a queen answers she may try a machine over HTTP, then over SSH, then start its hive. */
  queenAnswerTimeoutMs: 150_000,
  /** The first wait for a hive that was started elsewhere; the next ones double. */
  remoteHiveStartPollMs: 100,
  /** A port that said nothing for so long right after its program listens is closed from here. */
  directTryMs: 2000,
  /** An SSH connection that ended is noticed so soon. */
  sshLossNoticeMs: 100,
  /** Logins that nobody waits for are tried again after growing waits, up to this one. */
  sshRetryMaxMs: 60_000,
  workerStartTimeoutMs: 30_000,
  /** A worker's attempts to tell its hive that it listens: waits before each, limit of each. */
  workerCallbackDelaysMs: [0, 200, 400],
  workerCallbackTimeoutMs: 5000,
  /** A worker that cannot load stays so long for somebody to ask why. */
  workerFailureLingerMs: 2000,
  modelLoadTimeoutMs: 300_000,
  /** Loading without progress for so long is told to the person. */
  loadQuietNoticeMs: 60_000,
  /** A connection that a worker's streams share is closed after so long without one. */
  framesIdleMs: 30_000,
  inferenceTimeoutMs: 300_000,
  tokenStallMs: 60_000,
  /** How often a running generation tells its rate. */
  metricsIntervalMs: 1000,
  /** The head of a request must be here after so long, all of it after so long; else 408. */
  requestHeadMs: 10_000,
  requestBodyMs: 60_000,
  /** How often that is looked at. */
  requestCheckMs: 1000,
  connectionLostMs: 5000,
  /** Keep-alive comments on task and inference streams, and on all other streams. */
  taskKeepAliveMs: 2000,
  /**
   * A client that waits for one JSON answer of a cold model gets interim responses after these
   * waits. Five in all: Go's client takes no more.
   */
  interimDelaysMs: [0, 5000, 20_000, 60_000, 120_000],
  /** From then on its connection is probed so often, which keeps it through routers. */
  socketProbeMs: 15_000,
  keepAliveMs: 10_000,
  cancelTimeoutMs: 5000,
  busyRetryDelaysMs: [1000, 2000, 4000],
  downloadAttempts: 6,
  downloadDelayFirstMs: 100,
  downloadDelayMaxMs: 3200,
  downloadStallMs: 60_000,
  /** A hub that asks for patience (Retry-After) is given so much of it at most. */
  downloadRetryAfterMaxMs: 60_000,
  /** How often a download tells how far it is. */
  downloadProgressMs: 250,
  workerHealthIntervalMs: 30_000,
  workerHealthTimeoutMs: 5000,
  workerHealthFailuresMax: 3,
  heartbeatIntervalMs: 5000,
  heartbeatsMissedMax: 3,
  idleWorkerMs: 300_000,
  idleCheckIntervalMs: 10_000,
  /** A script on a node that looks or moves files, and a build from sources there. */
  nodeScriptTimeoutMs: 60_000,
  nodeBuildTimeoutMs: 1_800_000,
  /** How often the bar of something that is sent moves. */
  sendIntervalMs: 250,
  shutdownAcknowledgeMs: 5000,
  /** Who did not acknowledge gets so long until SIGTERM. */
  shutdownTermMs: 10_000,
  queenShutdownMs: 30_000,
  hiveShutdownMs: 25_000,
  workerShutdownMs: 15_000,
  workerShutdownDrainMs: 5000,
  drainMs: 30_000,
  restartDelaysMs: [1000, 2000, 4000],
  restartJitter: 0.2,
  circuitCrashesMax: 5,
  circuitWindowMs: 300_000,
  queenLeaseMs: 60_000,
  /** How long the outcome of a download can still be asked for. */
  endedDownloadKeptMs: 300_000,
  /** nvidia-smi, system_profiler and the like. */
  deviceToolTimeoutMs: 5000,
  /** How long the events of a spawn that is over can still be read. */
  spawnStoryKeptMs: 300_000,
  /** Two machines whose clocks are further apart than this measure a deadline from its sending. */
  clockDisagreementMs: 2000,
  /** A lost stream to a hive is opened again after these waits, doubling from first to max. */
  hiveLinkDelayFirstMs: 200,
  hiveLinkDelayMaxMs: 5000,
  /** Before what waits for a hive ends with its stream, the hive is asked for so long whether it lives. */
  hiveLossCheckMs: 1500,
  /** A broken token stream waits so long to hear from the hive how its worker ended. */
  workerGoneNoticeMs: 1500,
  /** A worker that refused for want of a slot is asked again when it tells one, or after this. */
  slotRefusalMs: 3000,
  /** Who was not given the room that a hive had promised asks again after this. */
  roomPauseMs: 500,
  /** A waiting task is told its position at most this often, and always when it is the next. */
  positionIntervalMs: 1000,
  /** When an API key was last used is written down at most this often. */
  keyUseNotedEveryMs: 60_000,
  /** What keys asked for is written down this often; a killed queen forgets no more than that. */
  usageFlushMs: 5000,
  /** How often the queen looks whether another program has changed her keys. */
  keySyncMs: 1000,
  /** Others' figures in one's own metrics: so old they may be, so long they are waited for. */
  metricsFreshMs: 5000,
  metricsWaitMs: 1000,
  /** Traces are sent so often; at a program's end so long is waited for what is left of them. */
  telemetryIntervalMs: 2000,
  telemetryFlushMs: 500,
  telemetryExportMs: 10_000,
  /** Consoles get the state at most this often, and this often while tokens flow. */
  stateIntervalMs: 250,
  stateLiveIntervalMs: 1000,
} as const;

export const sizes = {
  identifierMax: 64,
  modelReferenceMax: 512,
  bodyMaxBytes: 1_048_576,
  /** Request line and headers; more is answered with 431. */
  requestHeadMaxBytes: 16_384,
  /** What a worker may send on one channel of a shared connection before the reader took it. */
  frameWindowBytes: 262_144,
  stopSequencesMax: 4,
  stopSequenceCharactersMax: 100,
  /** Answers to one request of an OpenAI client: its prompts times its n. */
  choicesMax: 16,
  /** The body of a chat: what cannot be served (images) is to be refused by its name. */
  chatBodyMb: { default: 16, max: 256 },
  /** What OpenAI's completions generate when nobody says how much. */
  completionTokensDefault: 16,
  /** Functions that a request may offer to the model, and calls that one answer may make. */
  toolsMax: 128,
  toolCallsMax: 16,
  /** Of a grammar that a request brings; llama.cpp reads it in one go. */
  grammarCharactersMax: 65_536,
  /** Of a JSON schema: values of an enum, properties, repetitions, and how deep it goes. */
  schemaCountMax: 1000,
  schemaDepthMax: 64,
  keyCharactersMin: 16,
  /** Of one API key: models that it names, requests in a window, seconds of a window and of a life. */
  keyModelsMax: 64,
  keyRateMax: 1_000_000,
  keyRateWindowSecondsMax: 86_400,
  keyLifetimeSecondsMax: 3_155_760_000,
  /** Days of which the queen remembers what each key asked for. */
  usageDaysKept: 400,
  /** Requests that may wait for one model, and for how long each. */
  queueLengthMax: 100,
  queueWaitMs: 300_000,
  /** Ended tasks that the queen still shows. */
  recentTasksMax: 100,
  /** A task is placed again after a lost or busy worker at most this many times. */
  placementsMax: 5,
  /** Turns in the queue that may come to nothing because others were sooner. */
  turnsMax: 1000,
  validationFailuresPerSecondMax: 50,
  narrationCharactersMax: 100,
  /** What one command on a node may say before it is ended. */
  remoteOutputMaxBytes: 16_777_216,
  logLinesDefault: 100,
  /** Logs of workers that are gone; older ones are removed. */
  workerLogsKept: 50,
  contextDefault: 8192,
  slotsAuto: 4,
  /** Models and keys that metrics tell apart; all others are counted together as "other". */
  metricsModelsMax: 20,
  metricsKeysMax: 50,
  maxTokensDefault: 512,
  /** One call of the library's tokenizer; as much takes about 25 ms, during which nothing else runs. */
  tokenizeCharactersMax: 65_536,
  memorySafetyFactor: 1.2,
  /** What a worker took before is asked for again with this much to spare. */
  measuredMemoryFactor: 1.1,
  bytesPerMb: 1_048_576,
} as const;

/** How a worker that fails loses the trust of the queen, and how it gets it back. */
export const workerWeights = {
  full: 1,
  /** Used only when no other worker can ever serve the request, or to see whether it recovered. */
  floor: 0.0625,
  /** Below this it gets one request at a time. */
  probation: 0.25,
  /** What a failure leaves of the weight; one that came sooner than `fastMs` attracts traffic. */
  afterFailure: 0.5,
  afterFastFailure: 0.25,
  fastMs: 1000,
  /** Of what is missing, a success gives back so much. */
  recoveredBySuccess: 0.5,
  /** After its first failure in a row it is tried again after so long; each further one doubles. */
  probeWaitMs: 2000,
  probeWaitMaxMs: 60_000,
  /** From then on half of what is missing comes back in this time. */
  recoveryHalfLifeMs: 30_000,
} as const;

/** Turns in the queue, in tokens: what a source, and a class of priority, may take per round. */
export const queueTurns = {
  quantumTokens: 16,
  /** Low work that always waits gets at least 1 of 21 parts. */
  shares: { high: 16, normal: 4, low: 1 },
  /** About what a token of a prompt is made of. */
  charactersPerToken: 4,
  /** In a longer queue positions are counted once in a while, not at every step. */
  countedAtOnceMax: 100,
  /** Counting positions takes at most about one part in fifty of the time. */
  countPauseMsPerTask: 0.05,
  /** Of one pump, so many tasks may go and have the same worker made. */
  spawnersMax: 16,
} as const;

/** How the queen chooses a worker, and makes room for one. */
export const placementLimits = {
  /** Prompts are compared in blocks of so many characters, up to so many blocks. */
  promptBlock: { blockCharacters: 256, blocksMax: 512 },
  /** Blocks that are remembered of one worker, and of all together. */
  prefix: { blocksPerWorker: 512, blocksMax: 262_144 },
  eviction: {
    /** A worker that is ready for less than this is not stopped to make room. */
    residencyMs: 30_000,
    /** A task that waits longer than this for room may have a busy worker drained. */
    patienceMs: 30_000,
    /** Memory may also be given back by other programs: a waiting task looks again so often. */
    lookAgainMs: 15_000,
  },
  /** So long a hive's judgement of a request is believed, unless a worker comes or goes. */
  estimateKeptMs: 15_000,
  estimateTimeoutMs: 15_000,
  /** Of that, a hub is given so much to say how large a model is. */
  lookUpTimeoutMs: 3000,
  /** Nodes that are asked at the same time where a model would fit. */
  estimatesAtOnce: 32,
} as const;

/** The temperature of a model that says nothing of its own. */
export const temperatureDefault = 0.7;

/** The rest of the sampling when nobody says otherwise: llama.cpp's own defaults. */
export const samplingDefaults = {
  topP: 0.95,
  topK: 40,
  minP: 0.05,
  repetitionPenalty: 1,
  frequencyPenalty: 0,
  presencePenalty: 0,
} as const;

export const apiVersion = "v1";

/** The node that always exists: this machine, without SSH. */
export const localNodeName = "localhost";

/** The model that is used when nobody names one. */
export const bundledModelReference = "hello-bee";

export const patterns = {
  nodeName: /^[A-Za-z0-9](?:[A-Za-z0-9.-]*[A-Za-z0-9])?$/,
  sshHost: /^[A-Za-z0-9_:][A-Za-z0-9._:%-]*$/,
  hostKey: /^SHA256:[A-Za-z0-9+/]{43}$/,
  sshUser: /^[A-Za-z0-9_][A-Za-z0-9._@+-]*$/,
  gitUrl:
    /^(?:(?:https?|ssh|git|file):\/\/[^\s\p{Cc}-][^\s\p{Cc}]*|[A-Za-z0-9_][\w.-]*@[A-Za-z0-9][\w.-]*:[^\s\p{Cc}-][^\s\p{Cc}]*|\/[^\s\p{Cc}]+)$/u,
  gitBranch: /^[A-Za-z0-9_][A-Za-z0-9._/@+-]*$/,
  workerId: /^[A-Za-z0-9-]+$/,
  modelReference: /^[A-Za-z0-9\-_./:]+$/,
  correlationId: /^[A-Za-z0-9][A-Za-z0-9_.-]{0,63}$/,
} as const;
