import unittest

from app import respond
from router import Router


class RouterTest(unittest.TestCase):
    def test_fixed_paths(self):
        router = Router()
        router.add("get", "/", lambda: "home")
        router.add("POST", "/users", lambda: "made")
        self.assertEqual(respond(router, "GET", "/"), (200, "home"))
        self.assertEqual(respond(router, "GET", "/users"), (405, "POST"))
        self.assertEqual(respond(router, "GET", "/users/"), (404, "not found"))


if __name__ == "__main__":
    unittest.main()
