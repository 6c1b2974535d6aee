import unittest

from timesheet import report

SHEET = """
[Kitchen]
Ann Mon 8:00 16:30
bob sat 22:00 2:00   # the party
[]
ANN Tuesday 9:00 12:00
ann Xyz 1:00 2:00
"""

WANTED = """\
Ann: 11:00, longest Mon 8:00
  kitchen 72 %
  general 27 %
bob: 4:00, longest Sat 4:00, weekend 4:00
  kitchen 100 %
all: 15:00
most on kitchen

! line 7: unknown day Xyz
"""


class ReportTest(unittest.TestCase):
    def test_report(self):
        self.assertEqual(report(SHEET), WANTED)

    def test_extra_hours(self):
        self.assertIn("Ann: 8:00 (3:00 extra)", report("Ann Mon 8:00 16:30", week=5))

    def test_nobody(self):
        self.assertEqual(report(""), "nobody worked\n")


if __name__ == "__main__":
    unittest.main()
