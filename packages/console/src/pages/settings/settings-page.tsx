import { Code, Skeleton, Stack, Text, TextInput, Title } from "@mantine/core";
import { useCallback, useState } from "react";
import { FailureNotice } from "../../parts/failure-notice.tsx";
import { useSession } from "../../state/console-context.tsx";
import { useAnswer } from "../../state/use-answer.ts";
import { QueenPanel } from "./queen-panel.tsx";
import { SettingTable } from "./setting-table.tsx";

/** The configuration that is in force, and where each value comes from. */
export function SettingsPage() {
  const { queen } = useSession();
  const ask = useCallback((signal: AbortSignal) => queen.call("settings", { signal }), [queen]);
  const { answer, failure } = useAnswer(ask);
  const [filter, setFilter] = useState("");
  const shown = (answer?.settings ?? []).filter(({ name }) => name.includes(filter.trim()));
  return (
    <Stack>
      <Title order={1} size="h2">
        Settings
      </Title>
      <QueenPanel />
      {failure !== undefined && <FailureNotice failure={failure} />}
      {answer === undefined && failure === undefined && <Skeleton height={240} />}
      {answer !== undefined && (
        <>
          <Text size="sm">
            {answer.config_file === null ? (
              "No configuration file is in use; the defaults apply."
            ) : (
              <>
                The queen reads <Code className="breakable">{answer.config_file}</Code>. What is
                changed there counts after <Code>rbee queen restart</Code>, or at once when her
                process gets a SIGHUP.
              </>
            )}
          </Text>
          <TextInput
            label="Only settings with"
            value={filter}
            onChange={(event) => setFilter(event.currentTarget.value)}
            w={280}
          />
          <SettingTable settings={shown} />
        </>
      )}
    </Stack>
  );
}
