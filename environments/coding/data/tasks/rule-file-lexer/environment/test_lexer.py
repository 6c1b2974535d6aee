import unittest

from lexer import LexError, tokens


def short(text):
    return [(token.kind, token.value) for token in tokens(text)][:-1]


class LexerTest(unittest.TestCase):
    def test_names_that_begin_like_keywords(self):
        self.assertEqual(
            short("android or ending"), [("name", "android"), ("keyword", "or"), ("name", "ending")]
        )

    def test_longest_operator(self):
        self.assertEqual(
            short("a<=1..5"), [("name", "a"), ("op", "<="), ("number", 1), ("op", ".."), ("number", 5)]
        )

    def test_quotes_in_strings(self):
        self.assertEqual(short(r'"say \"hi\""'), [("string", 'say "hi"')])

    def test_nested_comments(self):
        self.assertEqual(short("a (* one (* two *) one *) b"), [("name", "a"), ("name", "b")])

    def test_position_after_a_comment_of_two_lines(self):
        self.assertEqual(tokens("(* x\n *) a")[0], ("name", "a", 2, 5))

    def test_position_of_an_error(self):
        with self.assertRaises(LexError) as caught:
            tokens("a\n  ?")
        self.assertEqual((caught.exception.line, caught.exception.column), (2, 3))


if __name__ == "__main__":
    unittest.main()
