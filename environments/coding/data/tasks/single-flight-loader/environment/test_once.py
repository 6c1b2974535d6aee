import threading
import time
import unittest

from once import OnceLoader


class OnceLoaderTest(unittest.TestCase):
    def test_a_value_is_kept(self):
        calls = []
        loader = OnceLoader(lambda key: calls.append(key) or len(calls))
        self.assertEqual([loader.get("a"), loader.get("a"), loader.get("b")], [1, 1, 2])

    def test_those_that_wait_hear_of_a_failure(self):
        go = threading.Event()
        heard = []

        def load(key):
            go.wait(5)
            raise OSError("no connection")

        loader = OnceLoader(load)

        def ask():
            try:
                loader.get("a")
            except OSError as error:
                heard.append(error)

        threads = [threading.Thread(target=ask, daemon=True) for _ in range(3)]
        for thread in threads:
            thread.start()
        end = time.monotonic() + 5
        while loader.waiting("a") < 2 and time.monotonic() < end:
            time.sleep(0.01)
        go.set()
        for thread in threads:
            thread.join(5)
        self.assertEqual(len(heard), 3)
        self.assertEqual(loader.kept(), [])


if __name__ == "__main__":
    unittest.main()
