"""A program with settings; must go on working as it is."""

from config import Config

DEFAULTS = {"server": {"host": "localhost", "port": 8000}, "debug": False, "plugins": ["core"], "ratio": 0.5}


def banner(config: Config) -> str:
    return f"http://{config.get('server.host')}:{config.get('server.port')}" + (
        " (debug)" if config.get("debug") else ""
    )
