#!/usr/bin/env bash
# All tests in one command. Arguments go to vitest: scripts/test.sh tests/plan
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
bash scripts/setup.sh

# The containers of the tests are real ones.
engine="$(mktemp -d)/engine"
trap 'bash scripts/test-engine.sh stop "$engine"; rmdir "$(dirname "$engine")"' EXIT
eval "$(bash scripts/test-engine.sh start "$engine")"

bash scripts/old-tmux.sh "$PWD/node_modules/.cache/agenttower/old-tmux" >/dev/null

report=node_modules/.cache/agenttower/tests.json
rm -f "$report"
colour=()
[ -t 1 ] || colour=(--no-color)
status=0
npx --no-install vitest run "${colour[@]}" --reporter=default --reporter=json --outputFile.json="$report" "$@" </dev/null || status=$?
node -e '
  const { numPassedTests, numFailedTests } = JSON.parse(require("node:fs").readFileSync(process.argv[1], "utf8"));
  console.log(`${numPassedTests} passed, ${numFailedTests} failed`);
' "$report"
exit "$status"
