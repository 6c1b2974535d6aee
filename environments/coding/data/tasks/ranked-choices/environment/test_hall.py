import unittest

from hall import Event, Hall

HALL = Hall([Event(0, 3, 5), Event(1, 2, 1), Event(2, 4, 4), Event(3, 5, -1)])


class HallTest(unittest.TestCase):
    def test_choices(self):
        wanted = [(), (0,), (0, 3), (1,), (1, 2), (1, 3), (2,), (3,)]
        self.assertEqual(list(HALL.choices()), wanted)
        self.assertEqual([HALL.nth(n) for n in range(HALL.count())], wanted)
        self.assertEqual([HALL.position(choice) for choice in wanted], list(range(8)))

    def test_containing(self):
        self.assertEqual([HALL.containing(number) for number in range(4)], [2, 3, 2, 3])

    def test_best(self):
        self.assertEqual(HALL.best(), (5, (0,)))


if __name__ == "__main__":
    unittest.main()
