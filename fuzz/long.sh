#!/bin/sh
# The long run before an issue is closed: every target over seeded mutations, so many minutes in all (default 60).
#   fuzz/long.sh [MINUTES] [SEED]
# A case that fails is printed with what repeats it, and kept below the target folder.
set -eu
cd "$(dirname "$0")/.."
minutes="${1:-60}"
UITLEZEN_FUZZ_SECONDS=$((minutes * 60))
UITLEZEN_FUZZ_SEED="${2:-$(date +%s)}"
export UITLEZEN_FUZZ_SECONDS UITLEZEN_FUZZ_SEED
exec cargo test --release --test hostile_input -- --nocapture
