import unittest

from jobs import JobQueue
from worker import run_all


class JobQueueTest(unittest.TestCase):
    def test_smaller_numbers_come_first(self):
        queue = JobQueue()
        for priority in (3, 1, 2):
            queue.push(priority, f"job {priority}")
        self.assertEqual(queue.drain(2), ["job 1", "job 2"])
        self.assertEqual(len(queue), 1)

    def test_worker(self):
        queue = JobQueue()
        queue.push(1, "a")
        done = []
        self.assertEqual(run_all(queue, done.append), 1)
        self.assertEqual(done, ["a"])


if __name__ == "__main__":
    unittest.main()
