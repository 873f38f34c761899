Feature: From nothing to a first token
  One command on a machine where nothing runs ends with text on the terminal.

  @scenario-58
  Scenario: infer goes the whole road on one machine
    Given nothing of rbee runs on this machine
    When I run `rbee-keeper infer --prompt "write a short story" --max-tokens 20`
    Then it exits with 0
    And stdout is text and nothing else
    And the person is told by, in this order:
      | rbee-keeper     |
      | queen-rbee      |
      | rbee-hive       |
      | llm-worker-rbee |
    And the last line for the person tells 20 tokens, the milliseconds and the tokens per second
    And a queen, a hive and a worker run
    And the worker listens on port $WORKER_PORT
    And the worker is idle

  @scenario-50
  Scenario: The keeper leaves, the daemons and the worker stay
    When I run `rbee-keeper infer --prompt "write a short story" --max-tokens 20`
    Then it exits with 0
    And the keeper has left
    And a queen, a hive and a worker run
    And the person is told how to stop the queen

  @scenario-51
  Scenario: An ephemeral command leaves nothing behind
    Given nothing of rbee runs on this machine
    When I run `rbee-keeper infer --ephemeral --prompt "write a short story" --max-tokens 20`
    Then it exits with 0
    And stdout is text and nothing else
    And the last line for the person tells 20 tokens, the milliseconds and the tokens per second
    And everything that it started was gone before it exited

  @scenario-51
  Scenario: Ephemeral can be the habit of a person
    Given the setting keeper.ephemeral is true
    When I run `rbee-keeper infer --prompt "write a short story" --max-tokens 20`
    Then it exits with 0
    And stdout is text and nothing else
    And everything that it started was gone before it exited

  @scenario-51
  Scenario: An ephemeral command that fails leaves nothing behind either
    When I run `rbee-keeper infer --ephemeral --model file:$BOX/absent.gguf --prompt hello`
    Then it exits with 1
    And the error is MODEL_NOT_FOUND
    And everything that it started was gone before it exited

  @scenario-51
  Scenario: An ephemeral command uses a queen that runs already, and leaves it alone
    Given an operator has started a queen
    When I run `rbee-keeper infer --ephemeral --prompt "write a short story" --max-tokens 20`
    Then it exits with 0
    And stdout is text and nothing else
    And the queen is still the operator's

  @scenario-52
  Scenario: A hive that an operator started is used and outlives the command
    Given an operator has started a hive
    When I run `rbee-keeper infer --ephemeral --prompt "write a short story" --max-tokens 20`
    Then it exits with 0
    And stdout is text and nothing else
    And the hive is still the operator's
    And the worker is idle

  @scenario-08
  Scenario: The second prompt is answered at once
    Given I have run `rbee-keeper infer --prompt "write a short story" --max-tokens 20`
    When I run `rbee-keeper infer --prompt "write a short story" --max-tokens 20`
    Then it exits with 0
    And it took less than 5 seconds
    And stdout is text and nothing else
    And the same worker has answered
    And no model was looked up, checked or loaded for it

  @fault
  Scenario: Two commands from nothing share one queen, one hive and one worker
    Given nothing of rbee runs on this machine
    When I start `rbee-keeper infer --prompt "write a short story" --max-tokens 20` in another terminal
    And I run `rbee-keeper infer --prompt "write a poem" --max-tokens 20`
    Then it exits with 0
    And stdout is text and nothing else
    And the command in the other terminal exits with 0
    And a queen, a hive and a worker run

  Scenario: The prompt may come through a pipe
    When I run `rbee-keeper infer --max-tokens 20` with "write a short story" on its input
    Then it exits with 0
    And stdout is text and nothing else

  Scenario: The same seed tells the same story
    Given I have run `rbee-keeper infer --prompt "write a short story" --max-tokens 40 --seed 7`
    When I run `rbee-keeper infer --prompt "write a short story" --max-tokens 40 --seed 7`
    Then it exits with 0
    And stdout is the same text as before
