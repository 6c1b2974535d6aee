"""Tasks in which an agent acts in a world over many turns."""
