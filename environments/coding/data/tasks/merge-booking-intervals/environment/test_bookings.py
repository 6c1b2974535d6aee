import unittest

from bookings import Slot, busiest, free, merge


class BookingsTest(unittest.TestCase):
    def test_a_short_meeting_inside_a_long_one(self):
        self.assertEqual(merge([Slot(540, 720), Slot(560, 600)]), [Slot(540, 720)])

    def test_touching_meetings_become_one(self):
        self.assertEqual(merge([Slot(600, 660), Slot(540, 600)]), [Slot(540, 660)])

    def test_free_time_of_a_quiet_day(self):
        self.assertEqual(free([Slot(600, 660)], 480, 1080), [Slot(480, 600), Slot(660, 1080)])

    def test_back_to_back_meetings_are_not_at_the_same_time(self):
        self.assertEqual(busiest([Slot(540, 600), Slot(600, 660)]), (1, 540))


if __name__ == "__main__":
    unittest.main()
