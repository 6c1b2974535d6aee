import unittest

from cache import TtlCache


class CacheTest(unittest.TestCase):
    def setUp(self):
        self.now = 0.0
        self.told = []
        self.cache = TtlCache(2, 10.0, lambda: self.now, lambda *event: self.told.append(event))

    def test_what_was_just_used_stays(self):
        self.cache.put("a", 1)
        self.cache.put("b", 2)
        self.cache.get("a")
        self.cache.put("c", 3)
        self.assertEqual(self.cache.keys(), ["a", "c"])
        self.assertEqual(self.told, [("b", 2, "capacity")])

    def test_a_full_cache_takes_a_new_value_of_a_known_key(self):
        self.cache.put("a", 1)
        self.cache.put("b", 2)
        self.cache.put("b", 3)
        self.assertEqual(self.cache.keys(), ["a", "b"])

    def test_expired_entries_make_room_first(self):
        self.cache.put("a", 1)
        self.cache.put("b", 2, ttl=3.0)
        self.now = 5.0
        self.cache.put("c", 3)
        self.assertEqual(self.told, [("b", 2, "expired")])


if __name__ == "__main__":
    unittest.main()
