import unittest

import pricing
import stock
from report import report


class StockTest(unittest.TestCase):
    def setUp(self):
        stock.reset()
        pricing.reset()

    def test_report(self):
        tea = stock.add("Tea", 3, 1000)
        stock.take(tea, 1)
        self.assertEqual(report(), "1 Tea: 2\nvalue 2380 at 19 %, 2 changes")

    def test_discount(self):
        tea = stock.add("Tea", 3, 1000)
        pricing.add_discount(lambda number, count: 10 if count > 1 else 0)
        self.assertEqual([pricing.price(tea), pricing.price(tea, 2)], [1190, 2142])


if __name__ == "__main__":
    unittest.main()
