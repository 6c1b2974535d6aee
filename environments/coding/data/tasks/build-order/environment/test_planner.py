import unittest

from graph import CycleError, Graph
from planner import order, stages


def diamond():
    graph = Graph()
    graph.add("app", ["gui", "net"])
    graph.add("gui", ["base"])
    graph.add("net", ["base"])
    graph.add("base")
    return graph


class PlannerTest(unittest.TestCase):
    def test_what_two_need_is_no_circle(self):
        self.assertEqual(order(diamond()), ["base", "gui", "net", "app"])

    def test_stages(self):
        self.assertEqual(stages(diamond()), [["base"], ["gui", "net"], ["app"]])

    def test_a_circle_is_told(self):
        graph = Graph()
        graph.add("b", ["c"])
        graph.add("c", ["a"])
        graph.add("a", ["b"])
        with self.assertRaises(CycleError) as caught:
            order(graph)
        self.assertEqual(caught.exception.path, ["a", "b", "c", "a"])


if __name__ == "__main__":
    unittest.main()
