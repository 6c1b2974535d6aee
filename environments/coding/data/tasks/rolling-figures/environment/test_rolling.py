import unittest

from rolling import Figures, rolling


class RollingTest(unittest.TestCase):
    def test_figures(self):
        wanted = [
            Figures(1, 3, 3, 3, 1),
            Figures(2, 4, 1, 3, 2),
            Figures(2, 2, 1, 1, 1),
            Figures(2, 8, 1, 7, 2),
        ]
        self.assertEqual(list(rolling([3, 1, 1, 7], 2)), wanted)

    def test_window(self):
        with self.assertRaises(ValueError):
            rolling([1], 0)


if __name__ == "__main__":
    unittest.main()
