import unittest

from editor import Editor
from macros import duplicate_line, surround


class EditorTest(unittest.TestCase):
    def test_insert_and_delete(self):
        editor = Editor("ab")
        editor.move(1)
        editor.insert("xyz")
        editor.delete_back(2)
        self.assertEqual((editor.text, editor.cursor), ("axb", 2))

    def test_macros(self):
        editor = Editor("one\ntwo")
        editor.move(1)
        duplicate_line(editor)
        surround(editor, "<", ">")
        self.assertEqual(editor.text, "<one\none\ntwo>")


if __name__ == "__main__":
    unittest.main()
