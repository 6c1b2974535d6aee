"""Telecom support: an agent with a carrier's back office, a customer with a phone, and what goes wrong with it.

The rules are those of tau2-bench's telecom domain (package 1.0.1); see README.md in this folder.
"""
