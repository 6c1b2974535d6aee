"""The picture of a run: what happened to the business, day by day, as one SVG.

`sketch` follows a world and draws at the end; `series` and `incidents` are what it noted, as data; `sheet` lays
out the page with its `panels` and `lanes`; `frame` maps days and values to places, `svg` writes elements.
"""

from agentbench_sdk.environments.vending.picture.sketch import VendingSketch

__all__ = ["VendingSketch"]
