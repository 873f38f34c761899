@three-hosts @installed @network
Feature: Lines that break and programs that come back

  @fault
  Scenario: The cable is cut while SSH connects
    Given the setting timeouts.connect is 2
    And mac is cut off
    When I run `rbee-keeper hive start --node mac`
    Then it exits with 1
    And the error is SSH_CONNECTION_TIMEOUT
    When the cable of mac is mended
    And I run `rbee-keeper hive start --node mac`
    Then it exits with 0

  @fault
  Scenario: The cable is cut while a model is fetched
    Given a hub with a model of 5 MB
    And the hub sends 1 MB a second
    When I start `rbee-keeper models pull $TINY --node mac`
    And the person has seen a part of the bar
    And the cable of mac is cut
    Then it exits with 1
    And it ended within 20 seconds of the cut
    And the person reads an error with a next step
    When the cable of mac is mended
    And the hub is well again
    And I run `rbee-keeper models pull $TINY --node mac`
    Then it exits with 0
    And the catalogue of mac has the model with its provider, reference, path, size and time

  @fault
  Scenario: The cable is cut while a worker comes up
    Given I have run `rbee-keeper hive start --node mac`
    When I start `rbee-keeper infer --node mac --prompt hello --max-tokens 5`
    And the worker on mac is halted as soon as it is there
    And the cable of mac is cut
    Then it exits with 1
    And it ended within 20 seconds of the cut
    And the person reads an error with a next step

  @fault
  Scenario: The cable is cut while tokens come
    Given mac has a worker with a slow model
    When I start `rbee-keeper infer --node mac --raw --model $SLOW --prompt hello --max-tokens 4000 --temperature 0`
    And text has come
    And the cable of mac is cut
    Then it exits with 1
    And it ended within 8 seconds of the cut
    And the error is CONNECTION_LOST
    And the text so far is on stdout and in the file on blep that the person is told

  @fault
  Scenario: A machine that is gone is noticed, and so is its return
    Given I have run `rbee-keeper infer --node mac --prompt hello --max-tokens 5`
    When the cable of mac is cut
    Then within 16 seconds mac is shown as unreachable
    When the cable of mac is mended
    Then within 30 seconds mac is shown as reachable
    When I run `rbee-keeper infer --node mac --prompt hello --max-tokens 5`
    Then it exits with 0
    And mac has one idle worker on port 8001

  @fault
  Scenario: A hive that is killed is noticed and started again
    Given I have run `rbee-keeper infer --node mac --prompt hello --max-tokens 5`
    When the hive on mac is killed
    Then within 5 seconds the worker of mac is no longer listed
    And within 10 seconds nothing of rbee runs on mac
    When I run `rbee-keeper infer --node mac --prompt hello --max-tokens 5`
    Then it exits with 0
    And mac has one idle worker on port 8001

  @fault
  Scenario: A worker on another machine that is killed is noticed and replaced
    Given I have run `rbee-keeper infer --node mac --prompt hello --max-tokens 5`
    When the worker on mac is killed
    Then within 1 seconds the worker of mac is no longer listed
    When I run `rbee-keeper infer --node mac --prompt hello --max-tokens 5`
    Then it exits with 0
    And mac has one idle worker on port 8001

  @fault
  Scenario: A queen that comes back finds her hives and workers again
    Given I have run `rbee-keeper infer --node mac --prompt hello --max-tokens 5`
    And I have run `rbee-keeper infer --node workstation --prompt hello --max-tokens 5`
    When the queen on blep is killed
    And I run `rbee-keeper infer --node mac --prompt hello --max-tokens 5`
    Then it exits with 0
    And mac has the same worker as before
    When I run `rbee-keeper queen stop`
    Then it exits with 0
    And nothing of rbee is left on any host

  @fault
  Scenario: A queen that is killed and that nobody misses
    Given on mac the setting timeouts.queen_lease is 3
    And I have run `rbee-keeper infer --node mac --prompt hello --max-tokens 5`
    When the queen on blep is killed
    Then within 20 seconds nothing of rbee runs on mac

  @fault
  Scenario: A hive has one queen
    Given I have run `rbee-keeper infer --node mac --prompt hello --max-tokens 5`
    When another person on workstation uses mac too
    Then that person is told HIVE_TAKEN
    And mac has the same worker as before

  @fault
  Scenario: Ports that a firewall closes are reached through SSH
    Given mac has a firewall before its ports 9200 and 8001
    When I run `rbee-keeper infer --node mac --prompt "write a short story" --max-tokens 20`
    Then it exits with 0
    And stdout is text and nothing else

  @fault
  Scenario: A machine behind another machine answers
    Given mac lets in only who comes from workstation
    And the SSH configuration of the person jumps to mac over workstation
    When I run `rbee-keeper infer --node mac --prompt "write a short story" --max-tokens 20`
    Then it exits with 0
    And stdout is text and nothing else

  Scenario: A slow and lossy line is only slow
    Given mac is reached over a line with 100 ms delay that loses 1 of 50 pieces
    When I run `rbee-keeper infer --node mac --prompt "write a short story" --max-tokens 20`
    Then it exits with 0
    And stdout is text and nothing else

  Scenario: A narrow line carries tokens
    Given the cable of mac carries 1 megabits a second
    When I run `rbee-keeper infer --node mac --prompt "write a short story" --max-tokens 20`
    Then it exits with 0
    And stdout is text and nothing else

  Scenario: In steady state nobody logs in
    Given I have run `rbee-keeper infer --node mac --prompt hello --max-tokens 5`
    And I have run `rbee-keeper infer --node workstation --prompt hello --max-tokens 5`
    Then for 12 seconds nobody logs in to mac or workstation

  Scenario: The cascade leaves nothing on any host
    Given I have run `rbee-keeper infer --node mac --prompt hello --max-tokens 5`
    And I have run `rbee-keeper infer --node workstation --prompt hello --max-tokens 5`
    And I have run `rbee-keeper infer --node localhost --prompt hello --max-tokens 5`
    When I run `rbee-keeper queen stop`
    Then it exits with 0
    And nothing of rbee is left on any host

  @fault
  Scenario: A machine that is gone does not hold up the end
    Given I have run `rbee-keeper infer --node mac --prompt hello --max-tokens 5`
    And I have run `rbee-keeper infer --node workstation --prompt hello --max-tokens 5`
    And mac is cut off
    When I run `rbee-keeper queen stop`
    Then it exits with 0
    And it took less than 35 seconds
    And nothing of rbee runs on blep and workstation
