"""The style sheet of the picture: quiet colours that can be told apart by colour-blind readers, too.

The page paints its own ground, so it is readable wherever it is put; a viewer that prefers dark gets a dark one.
"""

from __future__ import annotations

_LIGHT = {
    "ground": "#ffffff",
    "ink": "#1f2937",
    "soft": "#6b7280",
    "grid": "#e5e7eb",
    "base": "#9ca3af",
    "lane": "#f6f7f9",
    "weekend": "#f3f4f6",
    "bank": "#1d6fb8",
    "worth": "#8a94a3",
    "machine": "#0f9d8a",
    "storage": "#b08a3e",
    "sales": "#6d83c9",
    "mean": "#2f3f78",
    "bad": "#d1352b",
    "warn": "#d9822b",
    "refund": "#8b5fbf",
}
_DARK = {
    **_LIGHT,
    "ground": "#14181f",
    "ink": "#e6e9ee",
    "soft": "#9aa4b2",
    "grid": "#2b323d",
    "base": "#5b6572",
    "lane": "#1a2029",
    "weekend": "#1a2029",
    "bank": "#5aa7e8",
    "worth": "#8893a3",
    "machine": "#3cc2ae",
    "storage": "#d0ad67",
    "sales": "#7f95dd",
    "mean": "#c8d2f5",
    "bad": "#f0655c",
    "warn": "#eda552",
    "refund": "#b08be0",
}
# Mid-tones that keep their distance on a light and on a dark ground.
_HUES = (
    "#2f86c5", "#d9822b", "#2a9d5c", "#c2497e", "#8263c9", "#8a7a1f",
    "#1aa3a3", "#d1553a", "#5d7f2e", "#9c5fb0", "#587089", "#b5742a",
)  # fmt: skip
_FIXED = """text{font-family:"Helvetica Neue",Helvetica,Arial,"DejaVu Sans",sans-serif;font-size:11px}
.title{font-size:20px;font-weight:700}.subtitle{font-size:12.5px}.value{font-size:19px;font-weight:700}
.heading{font-size:13px;font-weight:700}.note{font-size:11px;font-weight:400}.small{font-size:10px}
.strong{font-weight:700}.line{fill:none;stroke-width:2.2;stroke-linejoin:round}.thin{stroke-width:1.4}
.guide{fill:none;stroke-width:1.1;stroke-dasharray:1.5 3;opacity:.8}.grid,.base,.cut,.end,.leader{fill:none}
.bank-area{opacity:.1}.storage-area{opacity:.28}.machine-area{opacity:.38}.sales{opacity:.85}.owing{opacity:.12}.absent{opacity:.13}
.m-delivery,.m-payment,.m-refund,.m-loss,.m-late{opacity:.75}.m-complaint{fill:none;stroke-width:1.5}
.m-bad{fill:none;stroke-width:2.2;stroke-linecap:round}.cut{stroke-dasharray:2 3}.end{stroke-width:1.6}"""


def style_sheet() -> str:
    """The sheet, with a second set of colours for viewers that prefer dark."""
    return f"{_FIXED}\n{_colours(_LIGHT)}\n@media (prefers-color-scheme:dark){{{_colours(_DARK)}}}"


def _colours(tone: dict[str, str]) -> str:
    fills = {
        "text": "ink",
        ".ground": "ground",
        ".subtitle,.note,.tick,.label,.worth-text,.none": "soft",
        ".lane": "lane",
        ".weekend": "weekend",
        ".absent": "base",
        ".bank-text,.bank-area,.bank-dot,.m-payment": "bank",
        ".machine-text,.machine-area,.m-delivery": "machine",
        ".storage-text,.storage-area": "storage",
        ".sales,.sales-text": "sales",
        ".m-refund": "refund",
        ".m-late,.m-stock-out,.m-outage": "warn",
        ".m-loss,.owing,.owing-text,.end-text": "bad",
    }
    strokes = {
        ".grid,.cut": "grid",
        ".base,.leader": "base",
        ".bank": "bank",
        ".worth": "worth",
        ".machine": "machine",
        ".storage": "storage",
        ".mean": "mean",
        ".m-complaint": "warn",
        ".m-bad,.end": "bad",
    }
    rules = [f"{names}{{fill:{tone[colour]}}}" for names, colour in fills.items()]
    rules += [f"{names}{{stroke:{tone[colour]}}}" for names, colour in strokes.items()]
    for place, hue in enumerate(_HUES):
        rules.append(f".h{place}{{stroke:{hue}}}.h{place}-text{{fill:{hue}}}")
    return "".join(rules)
