Feature: Before a hive is used

  @scenario-12
  Scenario: The hive says that it is alive, and in which version
    When I run `rbee-keeper hive start`
    Then it exits with 0
    And the hive answers that it is alive with the version of this installation and api_version "v1"

  @scenario-13 @scenario-43
  Scenario: A hive of another version is refused with the command that mends it
    Given an operator has started a hive of version 0.2.0
    When I run `rbee-keeper infer --prompt hello`
    Then it exits with 1
    And the error is VERSION_MISMATCH
    And the person reads "v0.1.0"
    And the person reads "v0.2.0"
    And the person is advised to upgrade rbee-keeper to v0.2.0

  @fault
  Scenario: A hive that listens but is silent is tried three times
    Given the setting timeouts.connect is 1
    And a program that accepts connections and says nothing on port $HIVE_PORT
    When I run `rbee-keeper infer --prompt hello`
    Then it exits with 1
    And the person reads, in this order:
      | Attempt 1 |
      | Attempt 2 |
      | 200       |
      | Attempt 3 |
      | 400       |
      | after 3 attempts |
    And the error is CONNECTION_TIMEOUT
