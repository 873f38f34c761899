@three-hosts
Feature: Machines behind SSH
  blep is where the person sits. workstation and mac have nothing but Debian and an SSH server.

  @scenario-01
  Scenario: A machine becomes a node
    Given no node is registered
    When I run `rbee-keeper setup add-node --name mac --ssh-host mac --ssh-user bee --ssh-key $HOME/.ssh/id_ed25519 --git-repo https://example.org/rbee.git --git-branch main --install-path $HOME/rbee`
    Then it exits with 0
    And the person reads, in this order:
      | /\[queen-rbee\] Testing the SSH connection to bee@mac:22/ |
      | /\[queen-rbee\] SSH to mac works/                          |
      | /\[queen-rbee\] Saving node mac/                           |
    And somebody has logged in to mac
    And the registry has for "mac":
      | ssh_host     | mac                          |
      | ssh_port     | 22                           |
      | ssh_user     | bee                          |
      | ssh_key_path | $HOME/.ssh/id_ed25519        |
      | git_repo_url | https://example.org/rbee.git |
      | git_branch   | main                         |
      | install_path | /home/bee/rbee               |
      | status       | reachable                    |
      | last_error   | null                         |
    And the registry says that "mac" was connected just now
    And the registry has the fingerprint of the host key of mac

  @scenario-01
  Scenario: Name and host are enough
    When I run `rbee-keeper setup add-node --name mac --ssh-host mac`
    Then it exits with 0
    And the registry has for "mac":
      | ssh_port     | 22             |
      | git_branch   | main           |
      | install_path | /home/bee/rbee |
      | status       | reachable      |

  @scenario-02
  Scenario: A machine that does not answer is not saved
    Given the setting timeouts.connect is 1
    And mac is cut off
    When I run `rbee-keeper setup add-node --name mac --ssh-host mac`
    Then it exits with 1
    And the error is SSH_CONNECTION_TIMEOUT
    And the person reads, in this order:
      | /1\/3/             |
      | /2\/3.*200 ?ms/    |
      | /3\/3.*400 ?ms/    |
      | Connection timeout |
    And no node is registered

  @fault
  Scenario Outline: What keeps SSH out is told by its name: <case>
    Given <situation>
    When I run `rbee-keeper setup add-node --name mac --ssh-host <host> <flags>`
    Then it exits with 1
    And the error is <code>
    And the person reads "<told>"
    And no node is registered

    Examples:
      | case             | situation                         | host    | flags                                      | code                   | told               |
      | nobody listens   | mac has no SSH server             | mac     |                                            | SSH_CONNECTION_REFUSED | refused            |
      | no such name     | no node is registered             | macbook |                                            | SSH_HOST_UNKNOWN       | macbook            |
      | a stranger's key | no node is registered | mac | --ssh-key $HOME/.ssh/stranger              | SSH_AUTH_FAILED        | ssh-copy-id        |
      | no such key      | no node is registered             | mac     | --ssh-key $HOME/.ssh/absent                | SSH_KEY_NOT_FOUND      | $HOME/.ssh/absent  |

  @scenario-03
  Scenario: rbee is put on a bare machine
    Given mac is registered
    And mac has neither node nor npm nor git nor curl
    When I run `rbee-keeper setup install --node mac`
    Then it exits with 0
    And the person sees the bytes on their way with their speed, up to the last
    And the person reads, in this order:
      | /\[queen-rbee\] SSH to mac works/                 |
      | /\[queen-rbee\] mac is linux-x64/                 |
      | /\[queen-rbee\] sending rbee v0\.1\.0 to mac/     |
      | /100% \(/                                         |
      | /\[queen-rbee\] unpacking rbee v0\.1\.0 on mac/   |
      | /\[queen-rbee\] verifying rbee v0\.1\.0 on mac/   |
    And all four programs on mac answer with the version of this installation
    And within 5 seconds nothing of rbee runs on mac

  @scenario-03
  Scenario: A second installation has nothing to send
    Given mac is registered
    And I have run `rbee-keeper setup install --node mac`
    When I run `rbee-keeper setup install --node mac`
    Then it exits with 0
    And it took less than 5 seconds
    And no program was sent again
    And all four programs on mac answer with the version of this installation

  @fault @network
  Scenario: An installation that is cut off goes on where it was
    Given mac is registered
    And the cable of mac carries 100 megabits a second
    When I start `rbee-keeper setup install --node mac`
    And some megabytes have been sent
    And the cable of mac is cut
    Then it exits with 1
    And the person reads an error with a next step
    When the cable of mac is mended
    And I run `rbee-keeper setup install --node mac`
    Then it exits with 0
    And less was sent than before
    And all four programs on mac answer with the version of this installation

  @fault @network
  Scenario: Two installations at once do not harm each other
    Given mac is registered
    When I start `rbee-keeper setup install --node mac` in another terminal
    And I run `rbee-keeper setup install --node mac`
    Then one of the two installations was done, and the other was too or has told why not
    And all four programs on mac answer with the version of this installation

  @scenario-04
  Scenario: No nodes are listed as none
    When I run `rbee-keeper setup list-nodes`
    Then it exits with 0
    And stdout says that there are no nodes

  @scenario-04
  Scenario: Nodes are listed by name with what is known of them
    Given workstation is registered
    And mac is registered
    When I run `rbee-keeper setup list-nodes`
    Then it exits with 0
    And the first line of stdout is "Registered rbee-hive Nodes:"
    And stdout shows the node mac, then the node workstation, each with:
      | Status:         | reachable             |
      | Last connected: | /\d{4}-\d\d-\d\d \d\d:\d\d:\d\d/ |
      | Install path:   | /home/bee/rbee        |

  @scenario-05
  Scenario: A node is forgotten
    Given mac is registered
    And workstation is registered
    When I run `rbee-keeper setup remove-node --name mac`
    Then it exits with 0
    And one line says that "mac" was removed
    And the registry has only "workstation"

  @fault
  Scenario: A name is given once
    Given mac is registered
    When I run `rbee-keeper setup add-node --name mac --ssh-host workstation`
    Then it exits with 1
    And the error is NODE_ALREADY_EXISTS
    And the person reads "setup update-node --name mac"

  @fault
  Scenario: A node that nobody knows is not removed
    When I run `rbee-keeper setup remove-node --name mac`
    Then it exits with 1
    And the error is NODE_NOT_FOUND

  @fault
  Scenario: A machine with another host key than the recorded one is not trusted
    Given mac is registered
    And mac has got another host key
    When I run `rbee-keeper setup install --node mac`
    Then it exits with 1
    And the error is SSH_HOST_KEY_CHANGED
    And the person reads the recorded and the offered fingerprint
    And the person reads "--accept-host-key"

  @fault
  Scenario: A node without rbee says how to put it there
    Given mac is registered
    When I run `rbee-keeper infer --node mac --prompt hello`
    Then it exits with 1
    And the error is HIVE_NOT_INSTALLED
    And the person reads "rbee-keeper setup install --node mac"

  @fault
  Scenario: A machine is reached through another
    Given mac lets in only who comes from workstation
    And the SSH configuration of the person jumps to mac over workstation
    When I run `rbee-keeper setup add-node --name mac --ssh-host mac`
    Then it exits with 0
    And somebody has logged in to workstation
    And the registry has for "mac":
      | status | reachable |
