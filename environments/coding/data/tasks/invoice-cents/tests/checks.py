"""Hidden checks: amounts as fractions, counted independently."""

import random
from fractions import Fraction

from agentbench_checks import CandidateError


def cents(value):
    """Half away from zero, in whole cents, of a fraction of a unit."""
    value *= 100
    whole = (abs(value) + Fraction(1, 2)).__floor__()
    return -whole if value < 0 else whole


def share(total, weights):
    sign, total = (-1, -total) if total < 0 else (1, total)
    exact = [Fraction(total * weight, sum(weights)) for weight in weights]
    parts = [part.__floor__() for part in exact]
    order = sorted(range(len(parts)), key=lambda i: (parts[i] - exact[i], i))
    for i in order[: total - sum(parts)]:
        parts[i] += 1
    return [sign * part for part in parts]


def test_rounding_is_exact(candidate):
    rng = random.Random(31)
    texts = ["2.675", "-2.675", "0.125", "-0.125", "1.005", "0.005", "-0.005", "0.0049999", "7", "1E+2", "0"]
    texts += ["12345678901234567.895", "98765432109876543210.125"]
    texts += [f"{rng.choice(['', '-'])}{rng.randrange(1000)}.{rng.randrange(10000):04}" for _ in range(300)]
    got = candidate.evaluate(f"""
from decimal import Decimal
from money import round_cents
[str(round_cents(Decimal(t))) for t in {texts!r}]
""")
    for text, result in zip(texts, got, strict=True):
        expected = cents(Fraction(text))
        assert Fraction(result) * 100 == expected, (
            f"round_cents({text}) gave {result}, expected {expected} cents"
        )
        assert len(result.partition(".")[2]) == 2, f"round_cents({text}) gave {result}, expected two places"


def test_amounts_are_parsed_strictly(candidate):
    good = {
        "12": "12",
        "-0.5": "-0.5",
        "1,234.50": "1234.50",
        " +3.25 ": "3.25",
        "1,234,567": "1234567",
        "1234567.125": "1234567.125",
    }
    bad = [
        "",
        " ",
        "1,23",
        "12 EUR",
        "1e5",
        "NaN",
        "Infinity",
        ",123",
        "1,,234",
        "1234,567",
        "1.234,5",
        "--1",
        "1_000",
        "1.2.3",
        "+",
        "- 1",
    ]
    got = candidate.evaluate(f"""
from money import parse_amount
out = []
for text in {list(good) + bad!r}:
    try:
        out.append(str(parse_amount(text)))
    except ValueError:
        out.append("ValueError")
    except Exception as error:
        out.append(type(error).__name__)
out
""")
    for text, result in zip([*good, *bad], got, strict=True):
        expected = good.get(text, "ValueError")
        assert result == expected, f"parse_amount({text!r}) gave {result}, expected {expected}"


def test_shares(candidate):
    rng = random.Random(32)
    cases = [(100, [1, 1, 1]), (-100, [1, 1, 1]), (5, [0, 1, 0, 1]), (0, [1, 2]), (10**18 + 1, [1, 2, 4])]
    for _ in range(300):
        weights = [rng.randrange(6) for _ in range(rng.randrange(1, 6))]
        weights[0] += not any(weights)
        cases.append((rng.randrange(-500, 500), weights))
    got = candidate.evaluate(f"""
from decimal import Decimal
from money import split
out = []
for total, weights in {cases!r}:
    out.append([str(s) for s in split(Decimal(total) / 100, weights)])
out
""")
    for (total, weights), result in zip(cases, got, strict=True):
        expected = share(total, weights)
        assert [Fraction(part) * 100 for part in result] == expected, (
            f"split({total} cents, {weights}): {result}, expected {expected} cents"
        )
    for weights in ([1, -1, 3], [0, 0], [3, -1]):
        try:
            candidate.evaluate(
                f"from decimal import Decimal\nfrom money import split\nsplit(Decimal(1), {weights})\nNone"
            )
        except CandidateError as error:
            assert error.type == "ValueError", (
                f"split by {weights} should raise ValueError, raised {error.type}"
            )
        else:
            raise AssertionError(f"split by {weights} should raise ValueError")


def random_invoice(rng):
    lines = []
    for _ in range(rng.randrange(1, 7)):
        price = f"{rng.randrange(0, 30)}.{rng.choice(['5', '33', '125', '999', '0625'])}"
        rate = rng.choice(["7", "7.0", "19", "0", "5.5"])
        lines.append(
            (
                str(rng.choice([1, 2, 3, "0.5", "2.25"])),
                price,
                rate,
                rng.choice(["0", "0", "10", "12.5", "33"]),
            )
        )
    return lines, rng.choice([0, 0, 1, 100, 333])


def test_invoices(candidate):
    rng = random.Random(33)
    cases = [random_invoice(rng) for _ in range(300)] + [([], 0)]
    got = candidate.evaluate(f"""
from decimal import Decimal as D
from invoice import Invoice, Line
out = []
for lines, rebate in {cases!r}:
    made = Invoice([Line("x", D(q), D(p), D(r), D(d)) for q, p, r, d in lines], D(rebate) / 100)
    def plain(amounts):
        return [(str(k), str(v)) for k, v in amounts.items()]
    out.append(([str(line.net) for line in made.lines], plain(made.nets()), plain(made.taxes()), str(made.total())))
out
""")
    for (lines, rebate), (line_nets, nets, taxes, total) in zip(cases, got, strict=True):
        expected = [cents(Fraction(q) * Fraction(p) * (100 - Fraction(d)) / 100) for q, p, _, d in lines]
        assert [Fraction(n) * 100 for n in line_nets] == expected, (
            f"nets of lines {lines}: {line_nets}, expected {expected} cents"
        )
        sums = {}
        for (_, _, rate, _), net in zip(lines, expected, strict=True):
            sums[Fraction(rate)] = sums.get(Fraction(rate), 0) + net
        sums = dict(sorted(sums.items()))
        if rebate:
            sums = {
                r: n - s for (r, n), s in zip(sums.items(), share(rebate, list(sums.values())), strict=True)
            }
        tax = {rate: cents(Fraction(net) * rate / 10000) for rate, net in sums.items()}
        for name, result, wanted in (("nets", nets, sums), ("taxes", taxes, tax)):
            found = [(Fraction(k), Fraction(v) * 100) for k, v in result]
            assert found == list(wanted.items()), (
                f"{name} of {lines}, rebate {rebate} cents: {result}, expected cents {wanted}"
            )
        whole = sum(sums.values()) + sum(tax.values())
        assert Fraction(total) * 100 == whole, (
            f"total of {lines}, rebate {rebate} cents: {total}, expected {whole} cents"
        )
