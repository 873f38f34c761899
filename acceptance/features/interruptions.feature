Feature: Interrupted at any moment
  Whoever is killed or told to stop, and whenever: the person gets an error, nothing hangs, nothing
  is left behind, and the next command works.

  @fault
  Scenario Outline: Ctrl+C while <phase>
    Given <situation>
    When I start `rbee-keeper infer --raw --model $MODEL --prompt hello --max-tokens 1000 --temperature 0`
    And the command has come to the point of <phase>
    And I press Ctrl+C
    Then it exits with 130
    And it ended within 5 seconds of Ctrl+C
    And the last line for the person is "Canceled."
    And no request runs any more

    Examples:
      | phase               | situation                                                 |
      | starting the queen  | nothing of rbee runs on this machine                      |
      | starting the hive   | nothing of rbee runs on this machine                      |
      | starting the worker | a worker program that never listens      |
      | loading             | a worker program that takes 200 ms for each of 32 layers  |
      | inferring           | a worker with one slot and a slow model                   |
      | waiting             | a worker with one slot and a slow model, taken by another |

  @fault
  Scenario Outline: The hive is killed while <phase>
    Given <situation>
    When I start `rbee-keeper infer --raw --model $MODEL --prompt hello --max-tokens 1000 --temperature 0`
    And the command has come to the point of <phase>
    And the hive is killed
    Then it exits with 1
    And the person reads an error with a next step
    And no worker runs within 10 seconds
    When the worker program is mended
    And I run `rbee-keeper infer --prompt hello --max-tokens 5`
    Then it exits with 0
    And a queen, a hive and a worker run

    Examples:
      | phase               | situation                                                |
      | starting the hive   | nothing of rbee runs on this machine                     |
      | starting the worker | a worker program that never listens     |
      | loading             | a worker program that takes 200 ms for each of 32 layers |
      | inferring           | a worker with one slot and a slow model                  |

  @fault
  Scenario Outline: The queen is killed while <phase>
    Given the setting timeouts.queen_lease is 5
    And <situation>
    When I start `rbee-keeper infer --raw --model $MODEL --prompt hello --max-tokens 1000 --temperature 0`
    And the command has come to the point of <phase>
    And the queen is killed
    Then it exits with 1
    And the person reads an error with a next step
    When I run `rbee-keeper infer --prompt hello --max-tokens 5`
    Then it exits with 0
    And one queen and one hive run

    Examples:
      | phase               | situation                                                |
      | starting the hive   | nothing of rbee runs on this machine                     |
      | starting the worker | nothing of rbee runs on this machine                     |
      | loading             | a worker program that takes 200 ms for each of 32 layers |
      | inferring           | a worker with one slot and a slow model                  |

  @fault
  Scenario: The text so far is kept when the queen is killed in mid-stream
    Given a worker with one slot and a slow model
    When I start `rbee-keeper infer --raw --model $SLOW --prompt hello --max-tokens 1000 --temperature 0`
    And text has come
    And the queen is killed
    Then it exits with 1
    And the text so far is on stdout and in the file that the person is told

  @fault
  Scenario: Ctrl+C in an ephemeral command takes everything along
    Given a slow model
    When I start `rbee-keeper infer --ephemeral --raw --model $SLOW --prompt hello --max-tokens 1000`
    And text has come
    And I press Ctrl+C
    Then it exits with 130
    And everything that it started was gone before it exited
