import unittest
from datetime import datetime

from series import Series
from zones import Change, Zone

BERLIN = Zone("Berlin", 60, 120, Change(3, -1, 6, 120), Change(10, -1, 6, 180))
SYDNEY = Zone("Sydney", 600, 660, Change(10, 1, 6, 120), Change(4, 1, 6, 180))


class ZonesTest(unittest.TestCase):
    def test_summer_in_the_south(self):
        self.assertEqual(SYDNEY.local(datetime(2023, 1, 10, 0, 0)), datetime(2023, 1, 10, 11, 0))

    def test_the_last_sunday(self):
        self.assertEqual(BERLIN.local(datetime(2023, 3, 26, 0, 59)), datetime(2023, 3, 26, 1, 59))
        self.assertEqual(BERLIN.local(datetime(2023, 3, 26, 1, 0)), datetime(2023, 3, 26, 3, 0))


class SeriesTest(unittest.TestCase):
    def test_the_wall_time_stays(self):
        series = Series(BERLIN, datetime(2023, 3, 20, 9, 0), 30, count=2)
        starts = [meeting.start for meeting in series.meetings()]
        self.assertEqual(starts, [datetime(2023, 3, 20, 8, 0), datetime(2023, 3, 27, 7, 0)])


if __name__ == "__main__":
    unittest.main()
