#!/usr/bin/env bash
# Makes wqy-microhei-gbk.ttf anew, so that anyone can check where the committed file comes from.
# Needs a Debian or Ubuntu machine with python3-venv; nothing is installed outside a temporary folder.
set -euo pipefail

here=$(cd "$(dirname "$0")" && pwd)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"

apt-get download fonts-wqy-microhei=0.2.0-beta-3.1
dpkg-deb -x fonts-wqy-microhei_*.deb package
python3 -m venv venv
venv/bin/pip install --quiet fonttools==4.68.0

# Every character of GBK, and what foreign names, units and rare given names need beside it.
venv/bin/python - > characters.txt <<'PYTHON'
def decoded(codec, data):
    try:
        return data.decode(codec)
    except UnicodeDecodeError:
        return ""

wanted = {decoded("gbk", bytes([high, low])) for high in range(0x81, 0xFF) for low in range(0x40, 0xFF)}
wanted |= {chr(c) for c in range(0x20, 0x7F)}       # ASCII
wanted |= {chr(c) for c in range(0xA0, 0x180)}      # Latin-1 and Latin Extended-A: names and addresses abroad
wanted |= {chr(c) for c in range(0x2010, 0x2027)}   # dashes, quotation marks, ellipsis
wanted |= set("€™№℃•←→↑↓✓☑☐")
wanted |= {chr(c) for c in range(0xFF01, 0xFFE6)}   # full-width forms
print("".join(sorted(wanted)))
PYTHON

# No hinting and no layout tables: glyphs are scan-converted by us, and Chinese labels need no shaping.
# The time stamp is the source font's own, so that the same input gives the same bytes.
venv/bin/python -m fontTools.subset package/usr/share/fonts/truetype/wqy/wqy-microhei.ttc \
    --font-number=0 --text-file=characters.txt --no-hinting --layout-features='' \
    --drop-tables+=GDEF,GPOS,GSUB,gasp,vhea,vmtx --no-recalc-timestamp --name-IDs='*' --notdef-outline --output-file="$here/wqy-microhei-gbk.ttf"

sha256sum "$here/wqy-microhei-gbk.ttf"
