"""Counting to a goal: the smallest plugin that brings one thing of each kind."""
