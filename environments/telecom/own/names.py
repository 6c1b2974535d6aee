"""Names, towns, streets and models that the census draws from; all invented."""

from __future__ import annotations

# fmt: off
_FIRST = (
    "Ines", "Tobias", "Marguerite", "Anselm", "Yuki", "Oona", "Petra",
    "Callum", "Dagny", "Emeka", "Farah", "Gideon", "Halina", "Ivo",
    "Juno", "Kasimir", "Lerato", "Milo", "Nadia", "Orson", "Priya",
    "Quentin", "Rosalind", "Soren", "Thandi", "Ulrich", "Vesna", "Wendell",
)
_LAST = (
    "Varga", "Okonjo", "Lindqvist", "Abernathy", "Moreau", "Castellane", "Dubrovin",
    "Eastlake", "Fenwick", "Gallowglass", "Hartono", "Iversen", "Jankowski", "Kealoha",
    "Larkin", "Marchetti", "Nwosu", "Oyelaran", "Pemberton", "Quillfeather", "Ravndal",
    "Sato", "Tremaine", "Umarov", "Vasquez",
)
# fmt: on

# Pairs of customers who have one name between them: the second takes the first one's.
_NAMESAKES = {17: 4, 29: 11, 41: 22, 50: 8}

TOWNS = (
    ("Alder Falls", "OR", "97001"),
    ("Brackenridge", "CO", "80002"),
    ("Cinder Bay", "WA", "98003"),
    ("Dunmore Springs", "NM", "87004"),
    ("Elm Hollow", "VT", "05005"),
    ("Foxglove", "OH", "43006"),
    ("Grayling Point", "MI", "48007"),
    ("Heron Lake", "MN", "55008"),
)

STREETS = (
    "Amberwood Lane",
    "Beacon Row",
    "Chandler Street",
    "Dovecote Road",
    "Ferry Landing",
    "Gristmill Way",
    "Juniper Terrace",
    "Kiln Street",
    "Lantern Court",
    "Mulberry Rise",
)

MODELS = {
    "phone": (
        "Orrin Slate 4",
        "Orrin Slate 5 Mini",
        "Vellum One",
        "Vellum Two Max",
        "Tamarin X7",
        "Tamarin Lite",
        "Corvid S",
        "Pebblefone 9",
    ),
    "tablet": ("Orrin Canvas", "Vellum Folio 11", "Tamarin Tab", "Corvid Sheet"),
    "watch": ("Orrin Loop", "Vellum Wrist 2", "Corvid Tick", "Tamarin Band"),
    "router": ("Homewave R1", "Homewave R2", "Burrow 5G Box", "Burrow Mini"),
    "other": ("Fieldsense Tracker", "Gatekeeper Alarm", "Pawprint Collar", "Rainmeter"),
}


def customer(index: int) -> tuple[str, str]:
    """Full name and date of birth of a customer; names repeat only where they are meant to."""
    source = _NAMESAKES.get(index, index)
    # Steps that share no factor with the lengths, so that names do not go in step.
    first, last = _FIRST[source * 11 % len(_FIRST)], _LAST[source * 7 % len(_LAST)]
    year, month, day = 1941 + index * 17 % 64, 1 + index * 5 % 12, 1 + index * 11 % 28
    return f"{first} {last}", f"{year}-{month:02d}-{day:02d}"
