Feature: The list of workers

  @scenario-09
  Scenario: An empty list is no obstacle
    Given an operator has started a hive
    Then the hive answers the list of workers with {"workers":[]}
    When I run `rbee-keeper infer --prompt "write a short story" --max-tokens 20`
    Then it exits with 0
    And the worker is idle

  @scenario-10
  Scenario: An idle worker with the model gets the prompt straight away
    Given I have run `rbee-keeper workers spawn --model hello-bee`
    And the worker is idle
    When I run `rbee-keeper infer --prompt "write a short story" --max-tokens 20`
    Then it exits with 0
    And stdout is text and nothing else
    And the same worker has answered
    And no model was looked up, checked or loaded for it

  @scenario-11
  Scenario: A busy worker is asked again until it has a free slot
    Given a worker with one slot and a slow model
    And another request takes that slot for about 3 seconds
    When I run `rbee-keeper infer --no-wait --model $SLOW --prompt hello --max-tokens 5 --temperature 0`
    Then it exits with 0
    And the person reads "retrying in 1 second"
    And the last line for the person tells 5 tokens, the milliseconds and the tokens per second

  @scenario-29
  Scenario: The hive keeps its workers in memory
    Given an operator has started a hive
    And I have run `rbee-keeper workers spawn --model hello-bee`
    Then the hive's list shows for the worker:
      | id              |
      | url             |
      | model_ref       |
      | backend         |
      | device          |
      | state           |
      | slots_total     |
      | slots_available |
    When the operator restarts the hive
    Then the hive answers the list of workers with {"workers":[]}

  @scenario-27 @scenario-28 @scenario-29
  Scenario: A spawned worker is told everything, calls back, and is registered as loading
    Given a worker program that takes 100 ms for each of 32 layers
    And an operator has started a hive
    When the hive is asked to spawn "hello-bee"
    Then the hive answers 202 with the state loading and the worker's address
    And the hive's list shows the worker as loading with 0 slots available
    And the hive's list shows the model, backend cpu and device 0 for it
    And the worker listens on port $WORKER_PORT
    And nobody can see its key among the processes or in the logs
    And the worker becomes idle

  @scenario-27 @scenario-28
  Scenario: The real worker binds, calls back and is registered
    Given an operator has started a hive
    When the hive is asked to spawn "hello-bee"
    Then the hive answers 202 with the state loading or idle and the worker's address
    And the worker listens on port $WORKER_PORT
    And the worker becomes idle
    And the hive's list shows the model, backend cpu and device 0 for it
