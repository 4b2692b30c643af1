#!/bin/sh
# Has V8 compile the daemons that must start fast, and keeps what it made beside each (packages/base/launch.cjs). It fits
# this very runtime and these options, which are those of the units; where none fits, a daemon compiles as it starts.
set -eu
cd "$(dirname "$0")"
umask 022
compile() {
  program=$1
  shift
  # It has no key, and so it refuses: what was compiled by then is kept, and that is all of it.
  SOFTSET_MAKE_CODE=1 ./node "$@" "packages/$program" --check-config --cluster examples/chassis.yaml --board cpu-1 \
    --run-dir "$work" >"$work/said" 2>&1 || true
}
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
find packages -name '*.code' -delete
# As ExecStart has them: two words and more (docs/adr/0011).
steady='--single-threaded --turbo-filter=sha256Compress --no-maglev --no-flush-bytecode'
# shellcheck disable=SC2086
compile netrack/bin/netrack-pulse.js $steady
compile netrack/bin/netrackd.js $steady
compile redirect/bin/redirectd.js $steady
compile psrm/bin/psrmd.js
for stem in netrack/bundle/netrack-pulse netrack/bundle/netrackd redirect/bundle/redirectd psrm/bundle/psrmd; do
  ls "packages/$stem".*.code >/dev/null
done
