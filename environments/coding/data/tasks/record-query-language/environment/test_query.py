import unittest

from query import QueryError, select

TEAS = [
    {"name": "assam", "price": 4, "sold": True},
    {"name": "mate", "price": 2.5, "sold": False},
    {"name": "o'brien", "price": 4, "sold": False},
]


def names(query):
    return [record["name"] for record in select(TEAS, query)]


class QueryTest(unittest.TestCase):
    def test_comparisons(self):
        self.assertEqual(names(""), ["assam", "mate", "o'brien"])
        self.assertEqual(names("price >= 4 AND sold = false"), ["o'brien"])
        self.assertEqual(names("name = 'o''brien'"), ["o'brien"])

    def test_errors(self):
        for query in ("price", "price > 1 sold = true", "price > 1 and", "price ~ 3"):
            with self.assertRaises(QueryError):
                select(TEAS, query)


if __name__ == "__main__":
    unittest.main()
