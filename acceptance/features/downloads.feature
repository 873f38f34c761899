@three-hosts @installed
Feature: Models from the hub
  The hub of these scenarios behaves as the public one does, and breaks when it is told to.

  @scenario-16
  Scenario: A model is fetched with a bar
    Given a hub with a model of 5 MB
    And the hub sends 2 MB a second
    When I run `rbee-keeper models pull $TINY --node mac`
    Then it exits with 0
    And the bar of 20 cells goes up from below 40% to 100% of 5.0 MB with its speed
    And the catalogue of mac has the model with its provider, reference, path, size and time

  @scenario-16
  Scenario: The hive tells of a download event by event
    Given a hub with a model of 5 MB
    And the hub sends 2 MB a second
    And I have run `rbee-keeper hive start --node mac`
    When the hive on mac is asked to download the model
    Then its events tell bytes, total and speed, then the path, and the end

  @scenario-17 @scenario-37
  Scenario: A connection that is reset at 40 % goes on at the same byte
    Given a hub with a model of 5 MB
    And the hub resets the connection at 40 %
    When I run `rbee-keeper models pull $TINY --node mac`
    Then it exits with 0
    And the person reads, in this order:
      | 40% (2.0 MB / 5.0 MB |
      | attempt 2/6          |
      | 100 ms               |
      | 100% (5.0 MB / 5.0 MB |
    And the hub was asked again from the byte at which it had broken off
    And the catalogue of mac has the model with its provider, reference, path, size and time

  @scenario-17 @scenario-37
  Scenario: Six failures are enough
    Given a hub with a model of 5 MB
    And the hub resets every connection at 40 %
    When I run `rbee-keeper infer --node mac --model $TINY --prompt hello`
    Then it exits with 1
    And the person reads, in this order:
      | attempt 2/6 |
      | 100 ms      |
      | attempt 3/6 |
      | 200 ms      |
      | attempt 4/6 |
      | 400 ms      |
      | attempt 5/6 |
      | 800 ms      |
      | attempt 6/6 |
      | 1600 ms     |
    And the error is DOWNLOAD_FAILED
    When the hub is well again
    And I run `rbee-keeper models pull $TINY --node mac`
    Then it exits with 0
    And the hub was asked again from the byte at which it had broken off

  @scenario-18
  Scenario: What was fetched once is found the next time
    Given a hub with a model of 5 MB
    And I have run `rbee-keeper models pull $TINY --node mac`
    When I run `rbee-keeper infer --node mac --model $TINY --prompt hello --max-tokens 5`
    Then it exits with 0
    And nothing was downloaded
    And the hub was asked for the content once

  @fault
  Scenario: Two who want the same model share one download
    Given a hub with a model of 5 MB
    And the hub sends 2 MB a second
    And I have run `rbee-keeper hive start --node mac`
    When I start `rbee-keeper infer --node mac --model $TINY --prompt hello --max-tokens 5` in another terminal
    And I run `rbee-keeper models pull $TINY --node mac`
    Then it exits with 0
    And the command in the other terminal exits with 0
    And the hub was asked for the content once

  @fault
  Scenario: A download that stalls is given up and tried again
    Given a hub with a model of 5 MB
    And on mac the setting timeouts.download_stall is 1
    And the hub stalls at 40 %
    When I run `rbee-keeper models pull $TINY --node mac`
    Then it exits with 0
    And the person reads "attempt 2/6"

  @fault
  Scenario Outline: What the hub does not give is told apart: <case>
    Given a hub with a model of 5 MB
    When I run `rbee-keeper models pull <reference> --node mac`
    Then it exits with 1
    And the error is <code>
    And the person reads "<reference>"
    And the person reads "<told>"

    Examples:
      | case    | reference                         | code                | told     |
      | gated   | hf:bees/gated-GGUF                | MODEL_ACCESS_DENIED | HF_TOKEN |
      | private | hf:bees/private-GGUF              | MODEL_ACCESS_DENIED | HF_TOKEN |
      | missing | hf:bees/absent-GGUF               | MODEL_ACCESS_DENIED | not there |
      | no file | hf:bees/hello-GGUF/absent.gguf    | MODEL_NOT_FOUND     | hello-5mb.Q8_0.gguf |

  @fault
  Scenario: The hub says to a known token what is missing
    Given a hub with a model of 5 MB
    And mac has the token for the gated model
    When I run `rbee-keeper models pull hf:bees/absent-GGUF --node mac`
    Then it exits with 1
    And the error is MODEL_NOT_FOUND
    And the person reads "hf:bees/absent-GGUF"

  @fault
  Scenario: A gated model comes with the token of the node
    Given a hub with a model of 5 MB
    And mac has the token for the gated model
    When I run `rbee-keeper models pull hf:bees/gated-GGUF --node mac`
    Then it exits with 0
    And stdout and stderr never show the token

  @fault
  Scenario: A file that is not what the hub says is dropped and fetched again
    Given a hub with a model of 5 MB
    And the hub sends a wrong byte once
    When I run `rbee-keeper models pull $TINY --node mac`
    Then it exits with 0
    And the hub was asked for the content twice

  @fault
  Scenario: A disk that is too small is told before anything is fetched
    Given a hub with a model of 5 MB
    And the disk for models on mac has 3 MB
    When I run `rbee-keeper models pull $TINY --node mac`
    Then it exits with 1
    And the error is INSUFFICIENT_DISK
    And the person reads "Required"
    And the person reads "Available"
    And the hub was asked for no content
