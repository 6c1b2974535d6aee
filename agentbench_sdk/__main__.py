"""`python -m agentbench_sdk` is the command `agentbench`."""

from agentbench_sdk.cli import main

main()
