"""The catalogue of tasks, written against the public API and registered like a stranger's plugin.

YAML first, Python where YAML ends: `text/` holds questions and answers, `agentic/` sessions in worlds.
"""
