Feature: Before a worker is started

  @scenario-23
  Scenario: 5000 MB of model fit into 8000 MB
    Given a model file of 5000 MB
    And the setting hive.memory_limit_mb is 8000
    And a worker program that takes 1 ms for each of 32 layers
    When I run `rbee-keeper infer --model $SIZED --prompt hello --max-tokens 5`
    Then it exits with 0
    And the person reads "6000 MB"
    And the last line for the person tells 5 tokens, the milliseconds and the tokens per second

  @scenario-24 @scenario-38
  Scenario: 5000 MB of model do not fit into 4000 MB
    Given a model file of 5000 MB
    And the setting hive.memory_limit_mb is 4000
    When I run `rbee-keeper infer --model $SIZED --prompt hello`
    Then it exits with 1
    And the error is INSUFFICIENT_RAM
    And the person reads "localhost"
    And the person reads "Required: 6000 MB"
    And the person reads "Available: 4000 MB"
    And the person reads "Q4"
    And no worker runs

  @scenario-24 @scenario-38
  Scenario: 5000 MB of model do not fit into a GPU with 4000 MB
    Given a model file of 5000 MB
    And an NVIDIA GPU with 4000 MB free, as its own tool tells
    And a worker program that takes 1 ms for each of 32 layers
    When I run `rbee-keeper infer --model $SIZED --backend cuda --device 0 --prompt hello`
    Then it exits with 1
    And the error is VRAM_EXHAUSTED
    And the person reads "Required: 6000 MB"
    And the person reads "Available: 4000 MB"
    And the person reads "--backend cpu"
    And no worker runs

  @scenario-25
  Scenario: The backend that is asked for is there
    When I run `rbee-keeper infer --backend cpu --prompt "write a short story" --max-tokens 20`
    Then it exits with 0
    And the hive's list shows the model, backend cpu and device 0 for it

  @scenario-26
  Scenario: The backend that is asked for is not there
    When I run `rbee-keeper infer --backend cuda --prompt hello`
    Then it exits with 1
    And the error is BACKEND_UNAVAILABLE
    And the person reads "cuda"
    And the person reads "cpu"
    And no worker runs

  @fault
  Scenario: A backend that nobody knows
    When I run `rbee-keeper infer --backend abacus --prompt hello`
    Then it exits with 1
    And the error is INVALID_BACKEND
    And the person reads "cpu, cuda, metal, vulkan, rocm"

  @fault
  Scenario: A device that is not there
    When I run `rbee-keeper infer --backend cpu --device 3 --prompt hello`
    Then it exits with 1
    And the error is DEVICE_NOT_AVAILABLE

  @scenario-53
  Scenario: The error of too little memory has both figures in message and details
    Given a model file of 5000 MB
    And the setting hive.memory_limit_mb is 4000
    And an operator has started a hive
    When the hive is asked to spawn "$SIZED"
    Then the hive answers 507 with the error INSUFFICIENT_RAM
    And the message of the error has 6000 and 4000
    And the details of the error have required 6000 and available 4000

  @scenario-53
  Scenario: The error of too little GPU memory has both figures in message and details
    Given a model file of 5000 MB
    And an NVIDIA GPU with 4000 MB free, as its own tool tells
    And a worker program that takes 1 ms for each of 32 layers
    And an operator has started a hive
    When the hive is asked to spawn "$SIZED" on cuda
    Then the hive answers 507 with the error VRAM_EXHAUSTED
    And the message of the error has 6000 and 4000
    And the details of the error have required 6000 and available 4000

  @fault
  Scenario: The memory cap of the hive holds for the bundled model too
    Given the setting hive.memory_limit_mb is 2
    When I run `rbee-keeper infer --prompt hello`
    Then it exits with 1
    And the error is INSUFFICIENT_RAM
    And the person reads "Available: 2 MB"
