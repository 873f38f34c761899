Feature: A worker comes up

  @scenario-30
  Scenario: A worker that loads says so, and where to watch
    Given a worker of my own with a large model
    Then while it loads it answers that it is not ready, its state and an absolute address for the progress
    And its loading progress tells layers of the total, megabytes, ready and the end

  @scenario-31
  Scenario: The person sees the layers come
    Given a worker program that takes 50 ms for each of 32 layers
    When I run `rbee-keeper infer --prompt hello --max-tokens 5`
    Then it exits with 0
    And the person sees the loading go up to 32 of 32 layers with megabytes
    And the last line for the person tells 5 tokens, the milliseconds and the tokens per second

  @scenario-31
  Scenario: The hive streams how the model is loaded
    Given an operator has started a hive
    When the hive is asked to spawn "hello-bee"
    Then the events of the worker tell layers up to the last, and end with the worker as idle

  @scenario-32
  Scenario: A loaded worker says that it is ready
    Given I have run `rbee-keeper workers spawn --model hello-bee`
    Then the worker answers that it is ready, idle, and that the model is loaded

  @scenario-33
  Scenario: Loading that goes over the limit is ended
    Given the setting timeouts.model_load is 2
    And a worker program that stops loading at layer 28 of 32
    When I run `rbee-keeper infer --prompt hello`
    Then it exits with 1
    And the error is LOADING_TIMEOUT
    And the person reads "loading (stuck at 28/32 layers)"
    And the person is advised to read the worker's log
    And no worker runs

  @scenario-42
  Scenario: The person reads the limit in minutes
    Given the setting timeouts.model_load is 60
    And a worker program that stops loading at layer 28 of 32
    When I run `rbee-keeper infer --prompt hello`
    Then it exits with 1
    And the error is LOADING_TIMEOUT
    And the person reads "1 minute"
    And the person reads "loading (stuck at 28/32 layers)"
    And the person is advised to read the worker's log

  @scenario-42
  Scenario: A worker that is halted while it loads is ended at the limit
    Given the setting timeouts.model_load is 3
    And a large model
    When I start `rbee-keeper infer --model $LARGE --prompt hello`
    And the worker is halted while it loads
    Then it exits with 1
    And the error is LOADING_TIMEOUT
    And no worker runs

  @fault
  Scenario: A worker that dies at its start is told with its exit code
    Given a worker program that exits with 3 at its start
    When I run `rbee-keeper infer --prompt hello`
    Then it exits with 1
    And the error is WORKER_STARTUP_FAILED
    And the person reads "exit code 3"
    And the person reads "worker-"
    And no worker runs

  @fault
  Scenario: A worker that is silent at its start is ended at the limit
    Given the setting timeouts.worker_start is 2
    And a worker program that never listens
    When I run `rbee-keeper infer --prompt hello`
    Then it exits with 1
    And the error is WORKER_STARTUP_FAILED
    And the person reads "2 s"
    And no worker runs

  @fault
  Scenario: A worker that dies at layer 28
    Given a worker program that exits with 7 at layer 28 of 32
    When I run `rbee-keeper infer --prompt hello`
    Then it exits with 1
    And the error is WORKER_STARTUP_FAILED
    And no worker runs

  @fault
  Scenario: A model that crashes its workers again and again is paused
    Given a worker program that exits with 3 at its start
    And an operator has started a hive
    When the hive is asked 6 times to spawn "hello-bee"
    Then the last answer is 503 with the error CIRCUIT_OPEN
    And no worker runs
