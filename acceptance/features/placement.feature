Feature: Where a model would run, and who makes room for it

  Scenario: A person asks where a model would fit
    Given a model file of 5000 MB
    And the setting hive.memory_limit_mb is 4000
    When I run `rbee-keeper placement explain $SIZED`
    Then it exits with 0
    And stdout names "short by 2000 MB"
    And no worker runs

  Scenario: A full machine stops what nobody needs
    Given a model file of 5000 MB
    And the setting hive.memory_limit_mb is 6001
    And the setting queen.residency is 0.1
    And a worker program that takes 1 ms for each of 32 layers
    When I run `rbee-keeper infer --prompt hello --max-tokens 5`
    Then it exits with 0
    When I run `rbee-keeper placement explain $SIZED`
    Then it exits with 0
    And stdout names "The queen would make room on localhost."
    When I run `rbee-keeper infer --model $SIZED --prompt hello --max-tokens 5`
    Then it exits with 0
    And the person reads "to make room"
    When I run `rbee-keeper placement explain hello-bee`
    Then it exits with 0
    And stdout names "would make room on localhost"
