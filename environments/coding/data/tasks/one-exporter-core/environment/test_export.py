import unittest

from export import to_csv, to_html, to_markdown

TABLE = [
    {"unit_price": 2.5, "name": "tea, green", "tags": ["a", "b"]},
    {"name": "cup|mug", "sold": True, "unit_price": 3},
]
COLUMNS = ["name", "unit_price", "sold", "tags"]


class ExportTest(unittest.TestCase):
    def test_csv(self):
        wanted = '# Stock\nName,Unit price,Sold,Tags\n"tea, green",2.50,,a; b\ncup|mug,3,yes,\n'
        self.assertEqual(to_csv(TABLE, COLUMNS, "Stock"), wanted)

    def test_markdown(self):
        wanted = "| Name | Sold |\n|---|---|\n| tea, green | – |\n| cup\\|mug | yes |\n"
        self.assertEqual(to_markdown(TABLE, ["name", "sold"]), wanted)

    def test_html(self):
        wanted = '<table>\n<tr><th>Unit price</th></tr>\n<tr><td class="number">2.50</td></tr>\n<tr><td class="number">3</td></tr>\n</table>\n'
        self.assertEqual(to_html(TABLE, ["unit_price"]), wanted)


if __name__ == "__main__":
    unittest.main()
