"""An event bus within a program."""

from collections.abc import Callable
from typing import Any

Handler = Callable[..., Any]


class Subscription:
    """One subscription of a handler; `cancel` ends it."""

    def __init__(self, bus: "Bus", topic: str, handler: Handler, priority: int, once: bool) -> None:
        self._bus = bus
        self.topic = topic
        self.handler = handler
        self.priority = priority
        self.once = once
        self.active = True

    def cancel(self) -> bool:
        """No event reaches the handler by this subscription any more; whether it was active."""
        was_active = self.active
        if was_active:
            self.active = False
            self._bus._subscriptions.remove(self)
        return was_active


class Bus:
    def __init__(self) -> None:
        self._subscriptions: list[Subscription] = []

    def subscribe(
        self, topic: str, handler: Handler, *, priority: int = 0, once: bool = False
    ) -> Subscription:
        """The handler is called with the data, as keyword arguments, of each event of the topic ('*': of every topic).

        Handlers of a higher priority are called earlier. With `once`, it is called for one event only.
        """
        subscription = Subscription(self, topic, handler, priority, once)
        self._subscriptions.append(subscription)
        return subscription

    def publish(self, topic: str, **data: Any) -> int:
        """Calls the handlers of the topic by priority and the order in which they subscribed; how many were called.

        If handlers raise an Exception, the others are called all the same, and then an ExceptionGroup is raised.
        """
        matching = [s for s in self._subscriptions if s.topic in (topic, "*")]
        errors: list[Exception] = []
        called = 0
        for subscription in sorted(matching, key=lambda s: (s.topic == "*", -s.priority)):
            if not subscription.active:
                continue
            if subscription.once:
                subscription.cancel()
            called += 1
            try:
                subscription.handler(**data)
            except Exception as error:
                errors.append(error)
        if errors:
            raise ExceptionGroup(f"handlers of {topic!r} failed", errors)
        return called
