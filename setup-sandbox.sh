#!/usr/bin/env bash
# Makes this machine ready without starting anything; `npm start` does the same and then serves.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")"
exec node scripts/setup.mjs "$@"
