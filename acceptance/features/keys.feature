Feature: Keys for other people and programs
  Who shares their machines gives each person and program a key of its own: for some models, so many
  requests, so long. It can be taken back at any moment, and one sees what each has used.

  Scenario: A key for one model asks that model, and operates nothing
    Given I have a key from `rbee-keeper keys create --name app --models hello-bee`
    When I run `rbee-keeper infer --prompt hello --max-tokens 5` with that key
    Then it exits with 0
    And stdout is text and nothing else
    When I run `rbee-keeper infer --model hf:other/model --prompt hello` with that key
    Then it exits with 1
    And the error is KEY_MODEL_DENIED
    And the person reads "The key 'app' is for: hello-bee"
    When I run `rbee-keeper workers list` with that key
    Then it exits with 1
    And the error is KEY_SCOPE_DENIED
    And the person reads "--scope operate"

  Scenario: A key that lets in so often is told when to come back
    Given I have a key from `rbee-keeper keys create --name app --rate 2/h`
    When I run `rbee-keeper infer --prompt hello --max-tokens 5` with that key
    Then it exits with 0
    When I run `rbee-keeper infer --prompt hello --max-tokens 5` with that key
    Then it exits with 0
    When I run `rbee-keeper infer --prompt hello --max-tokens 5` with that key
    Then it exits with 1
    And the error is RATE_LIMITED
    And the person reads "the limit is 2 in 3600 s"
    When I run `rbee-keeper infer --prompt hello --max-tokens 5`
    Then it exits with 0

  Scenario: A key's time is over without anybody doing anything
    Given I have a key from `rbee-keeper keys create --name visitor --expires 1s`
    And its time is over
    When I run `rbee-keeper infer --prompt hello --max-tokens 5` with that key
    Then it exits with 1
    And the error is KEY_EXPIRED
    And the person reads "The key 'visitor' was good until"
    When I run `rbee-keeper keys list`
    Then it exits with 0
    And stdout names "expired"

  @fault
  Scenario: A key is taken back in the middle of an answer
    Given a worker with one slot and a slow model
    And I have a key from `rbee-keeper keys create --name app`
    When I start `rbee-keeper infer --raw --model $MODEL --prompt bees --max-tokens 4000` with that key
    And text has come
    And I run `rbee-keeper keys revoke --name app` meanwhile
    Then it exits with 1
    And the error is KEY_REVOKED
    And no request runs any more
    When I run `rbee-keeper infer --prompt hello --max-tokens 5` with that key
    Then it exits with 1
    And the error is INVALID_API_KEY

  Scenario: One sees what each key has used, also after it was taken back
    Given I have a key from `rbee-keeper keys create --name app`
    When I run `rbee-keeper infer --prompt hello --max-tokens 5` with that key
    Then it exits with 0
    When I run `rbee-keeper keys usage --name app`
    Then it exits with 0
    And the usage of app is one request with 5 generated tokens
    When I run `rbee-keeper keys revoke --name app`
    And I run `rbee-keeper keys usage`
    Then it exits with 0
    And the usage of app is one request with 5 generated tokens
