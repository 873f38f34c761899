Feature: What lives how long

  @scenario-45
  Scenario: A worker that is idle for too long gives its memory back
    Given the setting timeouts.idle_worker is 2
    And the setting timeouts.idle_check is 0.2
    And I have run `rbee-keeper infer --prompt "write a short story" --max-tokens 20`
    When the worker has been idle for 2 seconds
    Then the worker is gone within 3 seconds and the hive's list is empty
    When I run `rbee-keeper infer --prompt "write a short story" --max-tokens 20`
    Then it exits with 0
    And another worker has answered

  @scenario-45 @scenario-47
  Scenario: The figures that hold unless they are changed
    Given an operator has started a queen
    Then these settings hold:
      | timeouts.idle_worker     | 300 |
      | timeouts.idle_check      | 10  |
      | timeouts.health_interval | 30  |
      | timeouts.health_timeout  | 5   |
      | timeouts.model_load      | 300 |
      | timeouts.worker_start    | 30  |
      | timeouts.heartbeat       | 5   |
      | timeouts.inference       | 300 |
      | timeouts.token_stall     | 60  |
      | timeouts.queen_lease     | 60  |
      | timeouts.drain           | 30  |
      | timeouts.shutdown        | 30  |
      | timeouts.connect         | 10  |

  @scenario-46
  Scenario: The hive goes on after a worker has come up
    Given the setting timeouts.health_interval is 0.5
    And I have run `rbee-keeper workers spawn --model hello-bee`
    Then the hive goes on noting that it has seen the worker
    And its looks do not count as activity of the worker
    And the hive answers that it is alive with the version of this installation and api_version "v1"

  @scenario-47
  Scenario: A worker that is silent three times is removed
    Given the setting timeouts.health_interval is 0.5
    And the setting timeouts.health_timeout is 0.5
    And I have run `rbee-keeper workers spawn --model hello-bee`
    When the worker is halted
    Then the hive counts up to 3 failed looks and removes the worker
    And the hive answers that it is alive with the version of this installation and api_version "v1"

  @scenario-48
  Scenario: The hive outlives its idle workers
    Given the setting timeouts.idle_worker is 1
    And the setting timeouts.idle_check is 0.2
    And I have run `rbee-keeper workers spawn --model hello-bee`
    Then the worker is gone within 5 seconds and the hive's list is empty
    And the hive answers that it is alive with the version of this installation and api_version "v1"

  @scenario-49
  Scenario: A hive that is told to stop takes its three workers with it
    Given an operator has started a hive
    And I have run `rbee-keeper workers spawn --model hello-bee`
    And I have run `rbee-keeper workers spawn --model file:$BUNDLED/hello-bee-3m-q4_0.gguf`
    And I have run `rbee-keeper workers spawn --model file:$BUNDLED/hello-bee-3m-f16.gguf`
    And 3 workers run
    When the operator ends the hive with SIGTERM
    Then the hive exits with 0 and no worker runs
    And the hive's log tells that 3/3 stopped
    When the operator starts the hive again
    Then the hive answers the list of workers with {"workers":[]}
    And the catalogue still has 3 models

  Scenario: A worker that does not listen to its hive is ended by force
    Given the setting timeouts.drain is 1
    And a worker program that ignores every request to stop
    And I have run `rbee-keeper workers spawn --model hello-bee`
    When I run `rbee-keeper queen stop`
    Then it exits with 0
    And nothing of rbee runs on this machine

  Scenario: queen stop ends what the queen started
    Given I have run `rbee-keeper infer --prompt hello --max-tokens 5`
    And a queen, a hive and a worker run
    When I run `rbee-keeper queen stop`
    Then it exits with 0
    And nothing of rbee runs on this machine

  Scenario: queen stop leaves the operator's hive alone
    Given an operator has started a hive
    And I have run `rbee-keeper infer --prompt hello --max-tokens 5`
    When I run `rbee-keeper queen stop`
    Then it exits with 0
    And no queen runs
    And the hive is still the operator's
    And the worker is idle

  @fault
  Scenario: A hive that is killed takes its workers with it, and the next command starts another
    Given I have run `rbee-keeper infer --prompt hello --max-tokens 5`
    When the hive is killed
    Then no worker runs within 10 seconds
    When I run `rbee-keeper infer --prompt hello --max-tokens 5`
    Then it exits with 0
    And a queen, a hive and a worker run

  @fault
  Scenario: A queen that is killed while all is quiet, and nobody misses it
    Given the setting timeouts.queen_lease is 2
    And I have run `rbee-keeper infer --prompt hello --max-tokens 5`
    When the queen is killed
    Then nothing of rbee runs on this machine within 20 seconds

  @fault
  Scenario: A queen that comes back finds its hive and its worker again
    Given I have run `rbee-keeper infer --prompt hello --max-tokens 5`
    And the queen is killed
    When I run `rbee-keeper infer --prompt hello --max-tokens 5`
    Then it exits with 0
    And a queen, a hive and a worker run
    And the same worker has answered
    When I run `rbee-keeper queen stop`
    Then it exits with 0
    And nothing of rbee runs on this machine

  @fault
  Scenario: A killed queen leaves the operator's hive and its worker alone
    Given the setting timeouts.queen_lease is 1
    And an operator has started a hive
    And I have run `rbee-keeper infer --prompt hello --max-tokens 5`
    When the queen is killed
    Then after 3 seconds the hive is still the operator's
    And the worker is idle

  @fault
  Scenario: A worker that is killed while idle is noticed and replaced on demand
    Given I have run `rbee-keeper infer --prompt hello --max-tokens 5`
    When the worker is killed
    Then the hive no longer lists the worker
    When I run `rbee-keeper infer --prompt hello --max-tokens 5`
    Then it exits with 0
    And another worker has answered

  @fault @needs-faketime
  Scenario Outline: A clock that jumps by <jump> seconds ends nobody
    Given a clock that can be moved
    And I have run `rbee-keeper infer --prompt hello --max-tokens 5`
    When the clock jumps by <jump> seconds
    Then after 2 seconds the worker is idle
    When I run `rbee-keeper infer --prompt hello --max-tokens 5`
    Then it exits with 0
    And the same worker has answered

    Examples:
      | jump  |
      | 7200  |
      | -7200 |

  @fault @needs-faketime
  Scenario Outline: A machine whose clock is wrong by <seconds> seconds answers like any other
    Given a clock that can be moved
    And the clock jumps by <seconds> seconds
    And an operator has started a hive
    And the clocks of other programs are right
    When I run `rbee-keeper infer --prompt hello --max-tokens 5 --timeout 60`
    Then it exits with 0
    And the hive is still the operator's

    Examples:
      | seconds |
      | 3600    |
      | -3600   |
