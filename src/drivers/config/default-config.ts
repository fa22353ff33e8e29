/** A config.toml for `config init`: says every default and changes none. */
export function renderDefaultConfig(): string {
  return `# AgentTower's configuration. Everything is optional; what is commented out shows the default,
# or an example where it says so. Unknown keys are errors.

[containers]
# Containers whose name contains one of these, in any letter case, can hold panes.
# The host itself is always there, as the container "local".
# name_contains = ["bench"]
# Containers that must have these labels too. Without name_contains beside it, any name will do.
# labels = []                      # key, or key=value

[engines]
# Default: local, and docker and podman when their commands are on PATH.
# enabled = ["local", "docker", "podman"]

# Example of a further engine, on another machine:
# [engines.buildbox]
# kind = "docker"                  # or "podman"
# host = "ssh://me@buildbox"       # or: context = "name of a docker context"

[limits]
# How many layouts may be declared at once.
# managed_layouts = 40

[loop]
# How often every pane is looked at even though nothing announced a change.
# resync = "1s"

[logs]
# What is kept of what each pane prints: the size of a file, and how many there are.
# max_size_mib = 64
# max_files = 3

[events]
# The same for events.jsonl.
# max_size_mib = 64
# max_files = 3

# Example of a watched directory of manifests:
# [[sources]]
# kind = "directory"
# path = "~/agents"
# name = "agents"                  # default: the last part of the path
# interval = "30s"                 # a full look besides the announced changes
# prune = true                     # what is no longer declared there is ended
# allow_empty = false              # whether an empty directory ends everything

# Example of a Git repository of manifests:
# [[sources]]
# kind = "git"
# url = "https://example.com/team/layouts.git"
# branch = "main"
# path = "clusters/dev"            # default: the whole repository
# interval = "60s"
`;
}
