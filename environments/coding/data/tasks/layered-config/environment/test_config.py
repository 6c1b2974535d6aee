import unittest

from app import DEFAULTS, banner
from config import Config, ConfigError


class ConfigTest(unittest.TestCase):
    def test_defaults(self):
        config = Config(DEFAULTS)
        self.assertEqual(banner(config), "http://localhost:8000")
        self.assertEqual(config.get("server"), {"host": "localhost", "port": 8000})
        with self.assertRaises(ConfigError):
            config.get("server.port.number")

    def test_what_is_returned_is_a_copy(self):
        config = Config(DEFAULTS)
        config.get("plugins").append("x")
        self.assertEqual(config.get("plugins"), ["core"])


if __name__ == "__main__":
    unittest.main()
