#!/usr/bin/env python3
"""Makes the fonts of the page: IBM Plex Sans cut down to the characters that reports are written in.

    python3 -m venv target/fonttools
    target/fonttools/bin/pip install fonttools==4.68.0 brotli==1.2.1
    target/fonttools/bin/python assets/fonts/subset.py

The licence reserves the name "Plex" to unmodified fonts, so that the cut ones are called Driftband Sans. Copyright and licence
stay in their name tables. What is drawn as PNG is drawn with the whole fonts.
"""
from pathlib import Path

from fontTools import subset
from fontTools.ttLib import TTFont

HERE = Path(__file__).parent
NAME = "Driftband Sans"
# Latin with its accents, Greek, dashes and quotes, figures and signs of money and mathematics, arrows, the dot
RANGES = [(0x20, 0x7E), (0xA0, 0x17F), (0x391, 0x3C9), (0x2010, 0x2027), (0x2030, 0x203A), (0x2070, 0x208E)]
SINGLE = "₤€₿™−∂∆∏∑√∞∫≈≠≤≥×÷±←↑→↓●▲▼ℓ"


def cut(style: str) -> set[int]:
    font = TTFont(HERE / f"IBMPlexSans-{style}.ttf", recalcTimestamp=False)
    wanted = {code for low, high in RANGES for code in range(low, high + 1)} | {ord(c) for c in SINGLE}
    options = subset.Options()
    options.layout_features = ["kern", "tnum", "ccmp", "mark"]
    options.hinting = False
    options.name_IDs = ["*"]
    options.notdef_outline = True
    cutter = subset.Subsetter(options)
    cutter.populate(unicodes=wanted)
    cutter.subset(font)
    for record in font["name"].names:
        if record.nameID in (1, 4, 6, 16, 25):
            text = record.toUnicode().replace("IBM Plex Sans", NAME).replace("IBMPlexSans", NAME.replace(" ", ""))
            record.string = text
    # the subfamily of the semi-bold stands in its family name too
    font.flavor = "woff2"
    font.save(HERE / f"DriftbandSans-{style}.woff2")
    return set(font.getBestCmap())


both = cut("Regular") & cut("SemiBold")
(HERE / "characters.txt").write_text("".join(chr(code) for code in sorted(both)) + "\n", encoding="utf-8")
