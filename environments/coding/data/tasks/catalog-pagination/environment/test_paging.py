import unittest

from catalog import Catalog, Product
from paging import Paging


class PagingTest(unittest.TestCase):
    def test_a_full_last_page_is_the_last(self):
        self.assertEqual(Paging(1, 20, 40).pages, 2)
        self.assertFalse(Paging(2, 20, 40).has_next)

    def test_label(self):
        self.assertEqual(Paging(2, 20, 57).label(), "21-40 of 57")
        self.assertEqual(Paging(3, 20, 41).label(), "41 of 41")

    def test_links(self):
        self.assertEqual(Paging(6, 10, 200).links(), [4, 5, 6, 7, 8])


class CatalogTest(unittest.TestCase):
    def test_first_page(self):
        catalog = Catalog(Product(f"item {n:02}", n, "tea") for n in range(45))
        found, _ = catalog.page(1)
        self.assertEqual([product.name for product in found], [f"item {n:02}" for n in range(20)])


if __name__ == "__main__":
    unittest.main()
