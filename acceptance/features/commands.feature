Feature: Commands

  @scenario-60
  Scenario: The health of the workers on a node
    Given I have run `rbee-keeper workers spawn --model hello-bee`
    When I run `rbee-keeper workers health --node localhost`
    Then it exits with 0
    And stdout has the node "localhost" in its heading
    And stdout shows the worker with a tick, its state "idle" and "ready"

  @scenario-60
  Scenario: The health of a node without workers
    When I run `rbee-keeper workers health --node localhost`
    Then it exits with 0
    And stdout has the node "localhost" in its heading

  @scenario-61
  Scenario: One worker is shut down and waited for
    Given I have run `rbee-keeper workers spawn --model hello-bee`
    And the worker is idle
    When I run `rbee-keeper workers shutdown --id $WORKER`
    Then it exits with 0
    And no worker runs
    And the hive answers the list of workers with {"workers":[]}

  @scenario-61
  Scenario: A worker that nobody knows
    Given an operator has started a queen
    When I run `rbee-keeper workers shutdown --id worker-nobody`
    Then it exits with 1
    And the error is WORKER_NOT_FOUND
    And the person reads "worker-nobody"
    And the person reads "workers list"

  @scenario-62
  Scenario: Logs are followed until Ctrl+C
    Given I have run `rbee-keeper hive start`
    When I start `rbee-keeper logs --node localhost --follow`
    And text has come
    And I run `rbee-keeper workers spawn --model hello-bee` meanwhile
    Then the followed log tells of the new worker
    When I press Ctrl+C
    Then it exits with 130

  @scenario-56
  Scenario: RBEE_CONFIG stands above the person's own configuration
    Given my own configuration puts the queen on port $QUEEN_PORT
    And another configuration file puts the queen on port $WORKER_PORT
    When I run `rbee-keeper queen start` with RBEE_CONFIG naming that file
    Then it exits with 0
    And a queen answers on port $WORKER_PORT and on no other

  @scenario-56
  Scenario: The person's own configuration is used without RBEE_CONFIG
    Given my own configuration puts the queen on port $QUEEN_PORT
    When I run `rbee-keeper queen start`
    Then it exits with 0
    And a queen answers on port $QUEEN_PORT and on no other

  @scenario-56 @needs-root @needs-linux
  Scenario: The person's own configuration stands above the system's
    Given my own configuration puts the queen on port $QUEEN_PORT
    And the system's configuration puts the queen on port $WORKER_PORT
    When I run `rbee-keeper queen start` on that system
    Then it exits with 0
    And a queen answers on port $QUEEN_PORT and on no other

  @scenario-56 @needs-root @needs-linux
  Scenario: The system's configuration is used when there is no other
    Given I have no configuration of my own
    And the system's configuration puts the queen on port $WORKER_PORT
    When I run `rbee-keeper queen start` on that system
    Then it exits with 0
    And a queen answers on port $WORKER_PORT and on no other

  @fault
  Scenario Outline: Wrong usage exits with 2: <line>
    When I run `<line>`
    Then it exits with 2
    And stdout is empty
    And the person reads "<names>"
    And the person reads how the command is used
    And nothing of rbee runs on this machine

    Examples:
      | line                                                  | names        |
      | rbee-keeper infer --prompt hello --colour blue        | --colour     |
      | rbee-keeper infer --prompt hello --max-tokens         | --max-tokens |
      | rbee-keeper infer --prompt hello --max-tokens many    | --max-tokens |
      | rbee-keeper sing                                      | sing         |
      | rbee-keeper workers shutdown                          | --id         |
      | rbee-keeper workers spawn                             | --model      |
      | rbee-keeper models show                               | model        |
      | rbee-keeper logs --lines few                          | --lines      |

  @fault
  Scenario: A value that is out of range is an error of the request, not of usage
    When I run `rbee-keeper infer --prompt hello --temperature 3`
    Then it exits with 1
    And the error is INVALID_REQUEST
    And the person reads "temperature"

  @fault
  Scenario: A model reference of no known form is refused, not guessed
    When I run `rbee-keeper infer --model best-model-ever --prompt hello`
    Then it exits with 1
    And the error is INVALID_MODEL_REF
    And the person reads "hf:"

  @scenario-06
  Scenario: A node that nobody registered
    When I run `rbee-keeper infer --node mac --prompt hello`
    Then it exits with 1
    And the error is NODE_NOT_FOUND
    And the person reads "mac"
    And the person reads "registry"
    And the person reads "rbee-keeper setup add-node --name mac --ssh-host"

  @fault
  Scenario: Wrong keys in the configuration are all named
    Given the setting timeouts.idle_wroker is 2
    And the setting hive.memory_limit_mb is "much"
    When I run `rbee-keeper infer --prompt hello`
    Then it exits with 1
    And the person reads "timeouts.idle_wroker"
    And the person reads "hive.memory_limit_mb"
    And nothing of rbee runs on this machine
