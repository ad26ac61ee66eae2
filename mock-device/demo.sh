#!/bin/sh
# Starts 24 mock devices on loopback addresses, audits them over SSH, and ends with 0 where all of it went as it must. The argument
# is another slaudit than the one that was built last, such as that of the package.
set -eu
cd "$(dirname "$0")/.."
bin="${CARGO_TARGET_DIR:-target}/debug"
slaudit="${1:-$bin/slaudit}"
work="$(mktemp -d)"

"$bin/mock-device" --devices 24 --scenario-mix demo --inventory "$work/inventory.csv" --for 300 2>"$work/mock.log" &
mock=$!
trap 'kill "$mock" 2>/dev/null || true; rm -rf "$work"' EXIT INT TERM

tries=0
until [ -f "$work/inventory.csv" ]; do
    tries=$((tries + 1))
    [ "$tries" -le 100 ] || { echo "the mock fleet did not start:" >&2; cat "$work/mock.log" >&2; exit 1; }
    kill -0 "$mock" 2>/dev/null || { cat "$work/mock.log" >&2; exit 1; }
    sleep 0.1
done

# The demo's devices and their keys are thrown away: their known_hosts is too.
code=0
SLAUDIT_PASSWORD=mock SLAUDIT_ENABLE_PASSWORD=mock "$slaudit" audit "$work/inventory.csv" \
    --user netaudit --known-hosts "$work/known_hosts" --out slaudit-runs || code=$?

# 4: problems were found, and some devices could not be audited. The demo has both.
[ "$code" = 4 ] || { echo "the audit ended with $code, not with 4" >&2; exit 1; }
for file in findings.csv devices.csv report.json report.xlsx; do
    [ -s "slaudit-runs/latest/$file" ] || { echo "slaudit-runs/latest/$file is missing" >&2; exit 1; }
done
rows=$(($(wc -l <slaudit-runs/latest/devices.csv) - 1))
[ "$rows" = 24 ] || { echo "devices.csv has $rows rows, not 24" >&2; exit 1; }
