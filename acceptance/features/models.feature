Feature: Models on this machine

  @scenario-15
  Scenario: A model in the catalogue is not fetched
    Given I have run `rbee-keeper models pull file:$BUNDLED/hello-bee-3m-q4_0.gguf`
    When I run `rbee-keeper infer --model file:$BUNDLED/hello-bee-3m-q4_0.gguf --prompt "write a poem" --max-tokens 20`
    Then it exits with 0
    And stdout is text and nothing else
    And nothing was downloaded

  @scenario-18
  Scenario: The catalogue remembers a model
    Given I have run `rbee-keeper models pull file:$BUNDLED/hello-bee-3m-q4_0.gguf`
    When I run `rbee-keeper models list --json`
    Then it exits with 0
    And the listed model "hello-bee-3m-q4_0" has:
      | provider   | file                                   |
      | reference  | file:$BUNDLED/hello-bee-3m-q4_0.gguf   |
      | local_path | $BUNDLED/hello-bee-3m-q4_0.gguf        |
      | size_bytes | 1861888                                |
    And the time at which it came is today

  @scenario-19 @scenario-20 @scenario-22
  Scenario: What the header of a model says is known
    Given I have run `rbee-keeper infer --prompt hello --max-tokens 1`
    When I run `rbee-keeper models show hello-bee --json`
    Then it exits with 0
    And the shown model has:
      | architecture    | llama   |
      | quantization    | Q8_0    |
      | vocabulary_size | 2048    |
      | context_length  | 1024    |
      | size_bytes      | 3078400 |
    And its end token is one of the model's own

  @scenario-19
  Scenario: A file is a model by its name and by its content
    Given the text file "notes.gguf"
    And a copy of the bundled model as "model.bin"
    When I run `rbee-keeper infer --model file:$BOX/notes.gguf --prompt hello`
    Then it exits with 1
    And the error is INVALID_MODEL_FILE
    When I run `rbee-keeper infer --model file:$BOX/model.bin --prompt hello`
    Then it exits with 1
    And the error is INVALID_MODEL_REF

  @scenario-20
  Scenario: The model's own end token ends the answer
    When I run `rbee-keeper infer --prompt "Who are you?" --max-tokens 400 --temperature 0`
    Then it exits with 0
    And stdout is text and nothing else
    And the answer ended before 400 tokens

  @scenario-21 @scenario-22
  Scenario Outline: A <quantisation> file loads, infers and takes memory by its size
    Given a generated <quantisation> model of at least 50 MB
    When I run `rbee-keeper infer --raw --model $GENERATED --prompt hello --max-tokens 8 --temperature 0`
    Then it exits with 0
    And the last line for the person tells 8 tokens, the milliseconds and the tokens per second
    And the worker's memory is at least the size of the model
    And the catalogue has the size on disk and the quantisation <quantisation>

    Examples:
      | quantisation |
      | Q4_K_M       |
      | Q5_K_M       |
      | Q8_0         |

  @fault
  Scenario: A truncated model is refused with what is wrong
    Given the first 1000000 bytes of the bundled model as "half.gguf"
    When I run `rbee-keeper infer --model file:$BOX/half.gguf --prompt hello`
    Then it exits with 1
    And the error is INVALID_MODEL_FILE
    And the person reads "truncated"

  @fault
  Scenario: A model of an unknown architecture is refused by its name
    Given a model file "odd.gguf" of the architecture "honeycomb"
    When I run `rbee-keeper infer --model file:$BOX/odd.gguf --prompt hello`
    Then it exits with 1
    And the error is INVALID_MODEL_FILE
    And the person reads "honeycomb"

  @fault
  Scenario: A model that is not there
    When I run `rbee-keeper infer --model file:$BOX/absent.gguf --prompt hello`
    Then it exits with 1
    And the error is MODEL_NOT_FOUND

  @fault
  Scenario: A corrupt catalogue is set aside and made anew
    Given I have run `rbee-keeper models pull file:$BUNDLED/hello-bee-3m-q4_0.gguf`
    And I have run `rbee-keeper queen stop`
    And the database models.db is filled with rubbish
    When I run `rbee-keeper infer --prompt hello --max-tokens 5`
    Then it exits with 0
    And stdout is text and nothing else
    And the rubbish is kept as models.db.corrupt.backup
