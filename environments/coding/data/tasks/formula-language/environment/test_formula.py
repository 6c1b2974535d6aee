import unittest
from fractions import Fraction

from formula import FormulaError, evaluate
from report import line


class FormulaTest(unittest.TestCase):
    def test_arithmetic(self):
        self.assertEqual(evaluate("1 + 2 * (3 - 4) / 3"), Fraction(1, 3))
        self.assertEqual(evaluate("--2 * -.5".replace(" -.5", " -0.5")), -1)

    def test_a_long_sum(self):
        self.assertEqual(evaluate("+".join(["1"] * 4000)), 4000)

    def test_errors(self):
        for text, position in {"1 +": 3, "1 / (2 - 2)": 2, "2 $": 2, "(1": 2, "1 2": 2}.items():
            with self.assertRaises(FormulaError) as caught:
                evaluate(text)
            self.assertEqual(caught.exception.position, position)

    def test_report(self):
        self.assertEqual(line("1 /0"), "1 /0\n  ^")


if __name__ == "__main__":
    unittest.main()
