#!/bin/sh
# The long version of the story of killed runs: a thousand kills, or as many as are named. Run before custody is changed.
cd "$(dirname "$0")/.." || exit 1
UITLEZEN_KILLS="${1:-1000}" exec cargo test --test stories killed_anywhere
