#!/usr/bin/env bash
# Makes the Python environment once, and again when the requirements change. Usage: environment.sh [requirements file]
set -euo pipefail
cd "$(dirname "$0")/.."
wanted="${1:-requirements.txt}"
python="${PYTHON:-python3}"
"$python" -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "Python 3.11 or newer is needed." >&2; exit 1; }
[ -x .venv/bin/python ] || "$python" -m venv .venv
stamp=".venv/.made-from-$(basename "$wanted" .txt)"
sum="$(cat requirements.txt "$wanted" | sha256sum | cut -d' ' -f1)"
if [ "$(cat "$stamp" 2>/dev/null || true)" != "$sum" ]; then
  echo "Installing $wanted ..."
  .venv/bin/python -m pip install --quiet --disable-pip-version-check -r "$wanted"
  echo "$sum" > "$stamp"
fi
