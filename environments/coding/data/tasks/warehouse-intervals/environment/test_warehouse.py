import unittest

from warehouse import Warehouse


class WarehouseTest(unittest.TestCase):
    def test_questions(self):
        warehouse = Warehouse([3, 0, 4, 1])
        warehouse.change(1, 2)
        self.assertEqual(warehouse.total(1, 3), 6)
        self.assertEqual(warehouse.total(-5, 99), 10)
        self.assertEqual([warehouse.locate(number) for number in (3, 4, 5, 6, 10)], [0, 1, 1, 2, 3])
        self.assertEqual(warehouse.emptiest(0, 3), 1)

    def test_errors(self):
        warehouse = Warehouse([3])
        with self.assertRaises(ValueError):
            warehouse.change(0, -4)
        with self.assertRaises(IndexError):
            warehouse.amount(-1)
        with self.assertRaises(IndexError):
            warehouse.locate(4)


if __name__ == "__main__":
    unittest.main()
