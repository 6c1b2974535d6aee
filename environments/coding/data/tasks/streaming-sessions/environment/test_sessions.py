import unittest

from sessions import LogError, Session, sessions


class SessionsTest(unittest.TestCase):
    def test_two_users(self):
        log = ["10 ann 5\n", "12 bob 1\n", "40 ann 5\n", "71 ann 2\n"]
        wanted = [Session("bob", 12, 12, 1, 1), Session("ann", 10, 40, 2, 10), Session("ann", 71, 71, 1, 2)]
        self.assertEqual(list(sessions(log, 30)), wanted)

    def test_times_that_go_back(self):
        with self.assertRaisesRegex(LogError, "line 2"):
            list(sessions(["5 a 1", "4 a 1"], 30))


if __name__ == "__main__":
    unittest.main()
