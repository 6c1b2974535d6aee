import unittest

from bus import Bus
from shop import Stock


class BusTest(unittest.TestCase):
    def test_the_shop_tells_what_is_short(self):
        bus, told = Bus(), []
        stock = Stock(bus, tea=3)
        bus.subscribe("short", lambda article, missing: told.append((article, missing)))
        self.assertEqual(bus.publish("ordered", article="tea", count=5), 1)
        self.assertEqual((stock.amounts, told), ({"tea": -2}, [("tea", 2)]))

    def test_nobody_listens(self):
        self.assertEqual(Bus().publish("nothing", x=1), 0)


if __name__ == "__main__":
    unittest.main()
