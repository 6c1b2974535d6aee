"""An application on the router; must go on working as it is."""

from typing import Any

from router import MethodNotAllowedError, NotFoundError, Router


def respond(router: Router, method: str, path: str) -> tuple[int, Any]:
    """Status and body of the answer to a request."""
    try:
        handler, parameters = router.match(method, path)
    except NotFoundError:
        return 404, "not found"
    except MethodNotAllowedError as error:
        return 405, ", ".join(error.allowed)
    return 200, handler(**parameters)
