@three-hosts @installed
Feature: The whole road to another machine
  mac and workstation are registered, and rbee is installed there. Nothing runs.

  @scenario-07 @scenario-16 @scenario-18
  Scenario: From nothing to tokens on another machine
    Given a hub with a model of 5 MB
    When I run `rbee-keeper infer --node mac --model $TINY --prompt "write a short story" --max-tokens 20 --temperature 0.7`
    Then it exits with 0
    And stdout is text and nothing else
    And the person reads, in this order:
      | /\[rbee-keeper\].*queen-rbee/                |
      | /\[queen-rbee\] Looking up node mac/         |
      | /\[queen-rbee\].*SSH/                        |
      | /\[queen-rbee\].*[Ss]tarting rbee-hive on mac/ |
      | /\[queen-rbee\].*rbee-hive on mac is v0\.1\.0/ |
      | /\[model-provisioner\].*$TINY/               |
      | /\d+% \(\d+\.\d MB \/ 5\.0 MB.*MB\/s/        |
      | /100% \(5\.0 MB \/ 5\.0 MB/                  |
      | /\[model-provisioner\].*catalogue/           |
      | /\[device-manager\].*needs \d+ MB, \d+ MB free/ |
      | /\[rbee-hive\].*port 8001/                   |
      | /\[http-server\].*8001/                      |
      | /\[model-loader\]/                           |
      | /\d+\/\d+ layers/                            |
      | /\[rbee-hive\].*is ready/                    |
      | /\[llm-worker-rbee\].*20 tokens/             |
      | /20 tokens, .* ms, .* tokens\/s/             |
    And the registry says that "mac" was connected just now
    And mac has one idle worker on port 8001
    And the catalogue of mac has the model with its provider, reference, path, size and time
    And a queen runs on blep, a hive and a worker on mac, and nothing else anywhere
    When I run `rbee-keeper queen stop`
    Then it exits with 0
    And nothing of rbee is left on any host

  @scenario-08
  Scenario: The second prompt to another machine is answered at once
    Given I have run `rbee-keeper infer --node mac --prompt "write a short story" --max-tokens 20`
    When I run `rbee-keeper infer --node mac --prompt "write a short story" --max-tokens 20`
    Then it exits with 0
    And it took less than 5 seconds
    And stdout is text and nothing else
    And no model was looked up, checked or loaded for it
    And mac has one idle worker on port 8001
    And nobody has logged in to mac since

  @scenario-51
  Scenario: An ephemeral command takes the other machine's programs along
    When I run `rbee-keeper infer --ephemeral --node mac --prompt "write a short story" --max-tokens 20`
    Then it exits with 0
    And stdout is text and nothing else
    And nothing of rbee is left on any host

  @scenario-52
  Scenario: A hive that an operator started on the other machine is used and lives on
    Given an operator on mac has started a hive
    When I run `rbee-keeper infer --ephemeral --node mac --prompt "write a short story" --max-tokens 20`
    Then it exits with 0
    And stdout is text and nothing else
    And the hive of the operator on mac lives and has a worker

  @scenario-13 @scenario-43
  Scenario: A hive of another version on the other machine
    Given the hive on mac is of version 0.2.0
    When I run `rbee-keeper infer --node mac --prompt hello`
    Then it exits with 1
    And the error is VERSION_MISMATCH
    And the person reads "v0.1.0"
    And the person reads "v0.2.0"
    And the person is advised to upgrade rbee-keeper to v0.2.0

  @scenario-14
  Scenario: A hive that is silent is tried three times
    Given the setting timeouts.connect is 1
    And I have run `rbee-keeper hive start --node mac`
    And the hive on mac is halted
    When the queen on blep is killed
    And I run `rbee-keeper infer --node mac --prompt hello`
    Then it exits with 1
    And the person reads, in this order:
      | /Attempt 1: connecting to mac:9200 \(timeout 1s, delay 0 ?ms\)/   |
      | /Attempt 2: connecting to mac:9200 \(timeout 1s, delay 200 ?ms\)/ |
      | /Attempt 3: connecting to mac:9200 \(timeout 1s, delay 400 ?ms\)/ |
      | after 3 attempts |
    And the error is CONNECTION_TIMEOUT
    And the person reads "logs --node mac"

  @scenario-36
  Scenario: What the person reads of a silent hive, with the limits that hold unless changed
    Given I have run `rbee-keeper hive start --node mac`
    And the hive on mac is halted
    When the queen on blep is killed
    And I run `rbee-keeper infer --node mac --prompt hello`
    Then it exits with 1
    And the person reads, in this order:
      | /Attempt 1: connecting to mac:9200 \(timeout 10s/ |
      | /Attempt 2: connecting to mac:9200 \(timeout 10s, delay 200 ?ms\)/ |
      | /Attempt 3: connecting to mac:9200 \(timeout 10s, delay 400 ?ms\)/ |
      | after 3 attempts |
    And the error is CONNECTION_TIMEOUT
    And the person reads "mac"
    And the person reads "rbee-hive running on mac"
    And it took between 30 and 45 seconds

  @scenario-44
  Scenario: A hive that wants another key than the queen has
    Given mac has a hive with a key of its own
    When I run `rbee-keeper infer --node mac --prompt hello`
    Then it exits with 1
    And the error is INVALID_API_KEY
    And the person reads "mac"
    And the person reads a key file to check

  @scenario-44
  Scenario: A queen that wants another key than the keeper has
    Given the queen wants a key that the keeper does not have
    When I run `rbee-keeper workers list`
    Then it exits with 1
    And the error is INVALID_API_KEY
    And the person reads "uthentication failed"
    And the person reads "127.0.0.1"
    And the person reads "/home/bee/.config/rbee/config.toml"

  @scenario-57
  Scenario: The programs of nodes may lie elsewhere
    Given the setting remote.binary_path is "/opt/rbee/bin/rbee-hive"
    And on mac the hive program is /opt/rbee/bin/rbee-hive, which notes how it is called
    When I run `rbee-keeper hive start --node mac`
    Then it exits with 0
    And on mac "/opt/rbee/bin/rbee-hive start" was called

  @scenario-57
  Scenario: The clone on nodes may lie elsewhere
    Given the setting remote.git_repo_dir is "/opt/rbee/repo"
    And mac has a clone at /opt/rbee/repo, and tools for a build that note how they are called
    And I have run `rbee-keeper setup update-node --name mac --git-repo https://example.org/rbee.git`
    When I run `rbee-keeper setup install --node mac --from-git`
    Then it exits with 1
    And on mac "/opt/rbee/repo" was called

  @scenario-59
  Scenario: The workers of several nodes in one list
    Given I have run `rbee-keeper workers spawn --node mac --model hello-bee`
    And I have run `rbee-keeper workers spawn --node workstation --model hello-bee`
    And I have run `rbee-keeper workers spawn --node localhost --model hello-bee`
    When I run `rbee-keeper workers list`
    Then it exits with 0
    And stdout has a line of an idle worker for each of localhost, mac and workstation
    When I run `rbee-keeper workers list --node mac`
    Then it exits with 0
    And stdout has a line of an idle worker for mac alone

  @scenario-60
  Scenario: The health of the workers on another machine
    Given I have run `rbee-keeper workers spawn --node mac --model hello-bee`
    When I run `rbee-keeper workers health --node mac`
    Then it exits with 0
    And stdout has the node "mac" in its heading
    And stdout shows the worker with a tick, its state "idle" and "ready"

  @scenario-61
  Scenario: A worker on another machine is shut down and waited for
    Given I have run `rbee-keeper workers spawn --node mac --model hello-bee`
    When I run `rbee-keeper workers shutdown --id $WORKER`
    Then it exits with 0
    And no worker runs on mac

  @scenario-62
  Scenario: Logs of another machine are followed until Ctrl+C
    Given I have run `rbee-keeper hive start --node mac`
    When I start `rbee-keeper logs --node mac --follow`
    And text has come
    And I run `rbee-keeper workers spawn --node mac --model hello-bee` meanwhile
    Then the followed log tells of the new worker
    When I press Ctrl+C
    Then it exits with 130

  Scenario: Without a node the queen chooses one
    Given I have run `rbee-keeper workers spawn --node workstation --model hello-bee`
    When I run `rbee-keeper infer --prompt "write a short story" --max-tokens 20`
    Then it exits with 0
    And stdout is text and nothing else
    And no worker runs on mac

  Scenario: After a node is forgotten only models are left there
    Given a hub with a model of 5 MB
    And I have run `rbee-keeper models pull $TINY --node mac`
    And I have run `rbee-keeper infer --node mac --prompt hello --max-tokens 5`
    When I run `rbee-keeper setup remove-node --name mac`
    Then it exits with 0
    And mac runs nothing of rbee, and only model files are left there
    And stdout names "/home/bee/.local/share/rbee/models"
