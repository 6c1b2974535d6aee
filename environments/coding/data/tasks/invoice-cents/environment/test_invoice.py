import unittest
from decimal import Decimal as D

from invoice import Invoice, Line
from money import parse_amount, round_cents, split


class MoneyTest(unittest.TestCase):
    def test_half_a_cent_goes_up(self):
        self.assertEqual(round_cents(D("2.675")), D("2.68"))
        self.assertEqual(str(round_cents(D("3"))), "3.00")

    def test_shares_add_up(self):
        self.assertEqual(split(D("1.00"), [1, 1, 1]), [D("0.34"), D("0.33"), D("0.33")])

    def test_parse(self):
        self.assertEqual(parse_amount("1,234.50"), D("1234.50"))
        with self.assertRaises(ValueError):
            parse_amount("1,23")


class InvoiceTest(unittest.TestCase):
    def test_tax_is_rounded_once_a_rate(self):
        lines = [Line("sticker", D(1), D("0.33"), D(7)) for _ in range(3)]
        self.assertEqual(Invoice(lines).taxes(), {D(7): D("0.07")})


if __name__ == "__main__":
    unittest.main()
