"""An event bus within a program."""

from collections.abc import Callable
from typing import Any

Handler = Callable[..., Any]


class Bus:
    def __init__(self) -> None:
        self._handlers: dict[str, list[Handler]] = {}

    def subscribe(self, topic: str, handler: Handler) -> None:
        """The handler is called with the data, as keyword arguments, of each event of the topic."""
        self._handlers.setdefault(topic, []).append(handler)

    def publish(self, topic: str, **data: Any) -> int:
        """Calls the handlers of the topic in the order in which they subscribed; how many were called."""
        handlers = self._handlers.get(topic, [])
        for handler in handlers:
            handler(**data)
        return len(handlers)
