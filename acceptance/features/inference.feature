Feature: Tokens

  @scenario-34
  Scenario: A worker streams tokens to who has its key
    Given I have run `rbee-keeper workers spawn --model hello-bee`
    When the worker is asked with its key for 20 tokens of "write a short story"
    Then it streams tokens with an index from 0 without gaps, 20 in all, the duration, and the end

  @scenario-34
  Scenario: A worker answers nobody without its key
    Given I have run `rbee-keeper workers spawn --model hello-bee`
    When the worker is asked without a key
    Then it answers 401 with the error MISSING_API_KEY
    When the worker is asked with a wrong key
    Then it answers 401 with the error INVALID_API_KEY

  @scenario-34
  Scenario: Tokens come to stdout one by one while the worker is busy
    Given a worker with one slot and a slow model
    And I watch the hive
    When I run `rbee-keeper infer --raw --model $SLOW --prompt hello --max-tokens 20 --temperature 0`
    Then it exits with 0
    And stdout came in at least 5 pieces over at least 200 ms
    And the hive has seen the worker idle, busy and idle again

  @scenario-35 @scenario-41
  Scenario: A taken slot is tried three times and then told
    Given a worker with one slot and a slow model
    And another request takes that slot for a long time
    When I run `rbee-keeper infer --no-wait --model $SLOW --prompt hello --max-tokens 5`
    Then it exits with 1
    And the person reads, in this order:
      | retrying in 1 second  |
      | retrying in 2 seconds |
      | retrying in 4 seconds |
      | 3 retries             |
    And the error is ALL_SLOTS_BUSY
    And the person reads "1 of 1"
    And the person is advised to wait, use another node or give more slots
    And it took between 7 and 12 seconds

  @scenario-35
  Scenario: A busy worker itself says how many slots it has
    Given a worker with one slot and a slow model
    And another request takes that slot for a long time
    When the worker is asked with its key for 5 tokens of "hello"
    Then it answers 503 with the error ALL_SLOTS_BUSY
    And the details of the error have slots_total 1 and slots_busy 1

  @scenario-35
  Scenario: Who waits is told the place in the queue and gets an answer
    Given a worker with one slot and a slow model
    And another request takes that slot for about 6 seconds
    When I run `rbee-keeper infer --model $SLOW --prompt hello --max-tokens 5 --temperature 0`
    Then it exits with 0
    And the person reads "queue"
    And the last line for the person tells 5 tokens, the milliseconds and the tokens per second

  @scenario-39
  Scenario: A worker that dies in mid-stream leaves its text
    Given a worker program that dies after 12 tokens
    When I run `rbee-keeper infer --prompt hello --max-tokens 20`
    Then it exits with 1
    And the error is SSE_CLOSED
    And the person reads "Tokens generated: 12 / 20"
    And the text so far is on stdout and in the file that the person is told
    And the hive no longer lists the worker
    And the hive's log tells of the crash

  @scenario-40
  Scenario: Ctrl+C stops the answer and frees the slot
    Given a worker with one slot and a slow model
    When I start `rbee-keeper infer --raw --model $SLOW --prompt hello --max-tokens 1000 --temperature 0`
    And text has come
    And I press Ctrl+C
    Then it exits with 130
    And it ended within 5 seconds of Ctrl+C
    And the last line for the person is "Canceled."
    And the worker is idle
    And it is the same worker as before

  @fault
  Scenario: A worker that makes no more tokens is given up at the limit
    Given the setting timeouts.token_stall is 2
    And a worker program that makes no more than 12 tokens
    When I run `rbee-keeper infer --prompt hello --max-tokens 20`
    Then it exits with 1
    And the error is GENERATION_TIMEOUT
    And the person reads "2 s"
    And the text so far is on stdout and in the file that the person is told

  @fault
  Scenario: A real worker that is halted in mid-stream
    Given a worker with one slot and a slow model
    When I start `rbee-keeper infer --raw --model $SLOW --prompt hello --max-tokens 1000 --temperature 0`
    And text has come
    And the worker is halted
    Then it exits with 1
    And the error is CONNECTION_LOST
    And it ended between 4 and 8 seconds after the worker was halted
    And the text so far is on stdout and in the file that the person is told

  @fault
  Scenario: A real worker that is killed in mid-stream
    Given a worker with one slot and a slow model
    When I start `rbee-keeper infer --raw --model $SLOW --prompt hello --max-tokens 1000 --temperature 0`
    And text has come
    And the worker is killed
    Then it exits with 1
    And the error is SSE_CLOSED
    And the person reads "SIGKILL"
    And the text so far is on stdout and in the file that the person is told
    And the hive no longer lists the worker

  @fault
  Scenario: A prompt that is longer than the context
    When I run `rbee-keeper infer --max-tokens 5` with 5000 words on its input
    Then it exits with 1
    And the error is CONTEXT_EXCEEDED
    And the person reads "1024"

  @fault
  Scenario: A deadline that passes
    Given a worker with one slot and a slow model
    When I run `rbee-keeper infer --raw --timeout 1 --model $SLOW --prompt hello --max-tokens 1000 --temperature 0`
    Then it exits with 1
    And the error is REQUEST_TIMEOUT
    And the worker is idle
