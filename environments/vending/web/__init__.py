"""The synthetic web: a fixed set of short pages for each seed, and a search over them."""
