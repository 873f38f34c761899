@three-hosts
Feature: rbee on the machine where the person sits

  @scenario-54
  Scenario: install puts rbee where the person's programs are
    When I run `rbee-keeper install`
    Then it exits with 0
    And the person reads how to go on
    And on blep these exist:
      | /home/bee/.local/bin/rbee-keeper      |
      | /home/bee/.local/bin/queen-rbee       |
      | /home/bee/.local/bin/rbee-hive        |
      | /home/bee/.local/bin/llm-worker-rbee  |
      | /home/bee/.local/bin/rbee             |
      | /home/bee/.config/rbee/config.toml    |
      | /home/bee/.local/share/rbee/models    |
      | /home/bee/.local/share/rbee/versions  |
    And the four programs in /home/bee/.local/bin answer with the version of this installation

  @scenario-54
  Scenario: What is installed works after the clone is deleted
    Given I have run `rbee-keeper install`
    And the clone is gone from blep
    When I run the installed `rbee-keeper infer --prompt "write a short story" --max-tokens 20`
    Then it exits with 0
    And stdout is text and nothing else
    When I run the installed `rbee-keeper queen stop`
    Then it exits with 0
    And nothing of rbee is left on any host

  @scenario-54
  Scenario: A configuration that is there is left alone
    Given blep has the configuration "[timeouts]\nconnect = 3\n"
    When I run `rbee-keeper install`
    Then it exits with 0
    And blep still has the configuration "[timeouts]\nconnect = 3\n"

  @scenario-55
  Scenario: install --system puts rbee where everybody finds it
    When root runs `rbee-keeper install --system`
    Then it exits with 0
    And the person reads how to go on
    And on blep these exist:
      | /usr/local/bin/rbee-keeper     |
      | /usr/local/bin/queen-rbee      |
      | /usr/local/bin/rbee-hive       |
      | /usr/local/bin/llm-worker-rbee |
      | /etc/rbee/config.toml          |
      | /var/lib/rbee/models           |
    And the four programs in /usr/local/bin answer with the version of this installation

  @scenario-55
  Scenario: install --system needs root
    When I run `rbee-keeper install --system`
    Then it exits with 1
    And the error is PERMISSION_DENIED
    And the person reads "sudo"
    And on blep these do not exist:
      | /usr/local/bin/rbee-keeper |
      | /etc/rbee                  |
      | /var/lib/rbee              |

  Scenario: uninstall takes away what install brought
    Given I have run `rbee-keeper install`
    When I run `rbee-keeper uninstall`
    Then it exits with 0
    And on blep these do not exist:
      | /home/bee/.local/bin/rbee-keeper     |
      | /home/bee/.local/bin/llm-worker-rbee |
      | /home/bee/.local/share/rbee/versions |
    And on blep these exist:
      | /home/bee/.config/rbee/config.toml |
      | /home/bee/.local/share/rbee/models |

