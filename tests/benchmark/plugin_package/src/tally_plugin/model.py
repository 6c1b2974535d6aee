"""A model that adds the same amount each turn."""

from agentbench_sdk import Capabilities, Message, ModelRequest, ModelResponse, ToolCall, Usage


class Steady:
    """Calls `add` with one amount for ever; without tools it says the amount."""

    endpoint = ""
    capabilities = Capabilities()

    def __init__(self, name: str, amount: int) -> None:
        self.id = f"steady/{name}?amount={amount}"
        self.amount = amount

    async def generate(self, request: ModelRequest) -> ModelResponse:
        usage = Usage(input_tokens=len(request.messages), output_tokens=1)
        if not request.tools:
            return ModelResponse(Message.assistant(str(self.amount)), usage=usage)
        call = ToolCall(f"call_{len(request.messages)}", "add", f'{{"amount": {self.amount}}}')
        return ModelResponse(Message.assistant(tool_calls=[call]), "tool_calls", usage)

    async def close(self) -> None:
        pass


def steady(name: str, *, amount: int = 1) -> Steady:
    """A model that adds `amount` each turn."""
    return Steady(name, amount)
