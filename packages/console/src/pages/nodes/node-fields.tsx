import { Accordion, NumberInput, Stack, TextInput } from "@mantine/core";
import type { NodeWish } from "./node-wish.ts";

interface NodeFieldsProps {
  readonly wish: NodeWish;
  readonly onChange: (patch: Partial<NodeWish>) => void;
  /** A machine that is registered keeps its name. */
  readonly isNamed?: boolean;
  readonly isLocked: boolean;
}

type TextField = Exclude<keyof NodeWish, "port">;

/** What can be said of a machine; only name and host are needed. */
export function NodeFields({ wish, onChange, isNamed = false, isLocked }: NodeFieldsProps) {
  const text = (field: TextField) => ({
    value: wish[field],
    disabled: isLocked,
    autoComplete: "off",
    onChange: (event: { readonly currentTarget: HTMLInputElement }) =>
      onChange({ [field]: event.currentTarget.value }),
  });
  return (
    <Stack gap="xs">
      {!isNamed && (
        <TextInput
          label="Name"
          description="How you call it: letters, digits, dots and hyphens"
          required
          data-autofocus
          {...text("name")}
        />
      )}
      <TextInput
        label="SSH host"
        description="A name of your SSH configuration, a host name or an address"
        required
        {...text("host")}
      />
      <Accordion variant="contained" defaultValue={isNamed ? "more" : null}>
        <Accordion.Item value="more">
          <Accordion.Control>More, where your SSH configuration does not say it</Accordion.Control>
          <Accordion.Panel>
            <Stack gap="xs">
              <PortInput wish={wish} onChange={onChange} isLocked={isLocked} />
              <TextInput label="SSH user" {...text("user")} />
              <TextInput
                label="SSH key"
                description="The private key's path on the queen's machine, such as /home/me/.ssh/id_ed25519"
                {...text("keyPath")}
              />
              <TextInput label="Install path there" placeholder="~/rbee" {...text("installPath")} />
              <TextInput
                label="Git repository"
                description="For building rbee on that machine, instead of sending it"
                {...text("gitRepoUrl")}
              />
              <TextInput label="Git branch" placeholder="main" {...text("gitBranch")} />
            </Stack>
          </Accordion.Panel>
        </Accordion.Item>
      </Accordion>
    </Stack>
  );
}

function PortInput({ wish, onChange, isLocked }: Omit<NodeFieldsProps, "isNamed">) {
  return (
    <NumberInput
      label="SSH port"
      placeholder="22"
      min={1}
      max={65_535}
      allowDecimal={false}
      hideControls
      disabled={isLocked}
      value={wish.port ?? ""}
      onChange={(port) => onChange({ port: typeof port === "number" ? port : undefined })}
    />
  );
}
