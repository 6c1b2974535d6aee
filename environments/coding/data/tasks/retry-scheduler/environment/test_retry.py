import unittest

from retry import Policy, Scheduler


class RetryTest(unittest.TestCase):
    def test_delays(self):
        policy = Policy(base=1.0, factor=3.0, cap=20.0)
        self.assertEqual([policy.delay(n) for n in (1, 2, 3, 4)], [1.0, 3.0, 9.0, 20.0])

    def test_a_job_due_now_runs(self):
        scheduler = Scheduler(Policy())
        scheduler.submit("mail", lambda: None, at=5.0)
        self.assertEqual(scheduler.run_due(5.0), ["mail"])
        self.assertEqual(scheduler.state("mail"), "done")

    def test_attempts_are_limited(self):
        scheduler = Scheduler(Policy(attempts=2))
        scheduler.submit("mail", lambda: 1 / 0, at=0.0)
        for now in (1.0, 10.0, 100.0):
            scheduler.run_due(now)
        self.assertEqual((scheduler.state("mail"), scheduler.attempts("mail")), ("failed", 2))

    def test_order_of_jobs_due_together(self):
        scheduler = Scheduler(Policy())
        for name in ("zebra", "ant"):
            scheduler.submit(name, lambda: None, at=1.0)
        self.assertEqual(scheduler.run_due(2.0), ["zebra", "ant"])


if __name__ == "__main__":
    unittest.main()
