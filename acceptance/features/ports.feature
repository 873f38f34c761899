Feature: Ports that somebody else holds

  @fault
  Scenario: Another program answers where the queen should
    Given another program serves HTTP on port $QUEEN_PORT
    When I run `rbee-keeper infer --prompt hello`
    Then it exits with 1
    And the error is QUEEN_UNREACHABLE
    And the person reads "$QUEEN_PORT"
    And the person reads "--queen"

  @fault
  Scenario: A queen that finds its port taken says so
    Given another program serves HTTP on port $QUEEN_PORT
    When an operator starts a queen there
    Then it exits with 1
    And the person reads "PORT_IN_USE"
    And the person reads "$QUEEN_PORT"
    And the person reads "--port"

  @fault
  Scenario: Another program answers where the hive should
    Given another program serves HTTP on port $HIVE_PORT
    When I run `rbee-keeper infer --prompt hello`
    Then it exits with 1
    And the person reads "$HIVE_PORT"
    And the person reads an error with a next step

  @fault
  Scenario: A worker takes the next port when the first is taken
    Given another program serves HTTP on port $WORKER_PORT
    When I run `rbee-keeper infer --prompt "write a short story" --max-tokens 20`
    Then it exits with 0
    And the worker listens on port $NEXT_WORKER_PORT

  @fault @needs-root @needs-linux
  Scenario: Logs that find no room on the disk stop nobody
    Given a full disk where the logs go
    When I run `rbee-keeper infer --prompt "write a short story" --max-tokens 20`
    Then it exits with 0
    And stdout is text and nothing else
    And a queen, a hive and a worker run
