"""Hidden checks: paging against lists that are cut by hand."""

from agentbench_checks import CandidateError


def chunks(total, size):
    entries = list(range(total))
    return [entries[i : i + size] for i in range(0, total, size)] or [[]]


def expected_links(number, pages, width):
    """The window that holds `width` pages (or all), nearest to having the number in its middle."""
    every = list(range(1, pages + 1))
    windows = [every[i : i + width] for i in range(max(1, pages - width + 1))]
    return min(windows, key=lambda window: abs(window[0] - (number - width // 2)))


def test_every_page_of_every_short_list(candidate):
    cases = [
        (n, size, total)
        for total in range(0, 27)
        for size in (1, 2, 3, 5, 10)
        for n in range(-1, total // size + 4)
    ]
    got = candidate.evaluate(f"""
from paging import Paging
out = []
for case in {cases!r}:
    p = Paging(*case)
    out.append((p.number, p.pages, p.offset, p.shown, p.has_next, p.has_previous, p.label()))
out
""")
    for (number, size, total), result in zip(cases, got, strict=True):
        parts = chunks(total, size)
        number = max(1, min(number, len(parts)))
        part = parts[number - 1]
        if not part:
            label = "nothing"
        elif len(part) == 1:
            label = f"{part[0] + 1} of {total}"
        else:
            label = f"{part[0] + 1}-{part[-1] + 1} of {total}"
        first = part[0] if part else 0
        expected = (number, len(parts), first, len(part), number < len(parts), number > 1, label)
        assert result == expected, f"size {size}, total {total}, page {number}: {result}, expected {expected}"


def test_links_offer_a_full_window(candidate):
    cases = [
        (n, pages, width) for pages in range(1, 13) for n in range(1, pages + 1) for width in range(1, 9)
    ]
    got = candidate.evaluate(f"""
from paging import Paging
[Paging(n, 10, pages * 10 - 3).links(width) for n, pages, width in {cases!r}]
""")
    for case, result in zip(cases, got, strict=True):
        expected = expected_links(*case)
        assert result == expected, f"page, pages, width {case}: links {result}, expected {expected}"


def test_pages_of_the_catalog_join_to_the_whole(candidate):
    got = candidate.evaluate("""
from catalog import Catalog, Product
kinds = ["tea", "tea", "cup", "pot", "tea"]
out = []
for count in range(0, 24):
    catalog = Catalog(Product(f"p{(n * 7) % 24:02}", n, kinds[n % 5]) for n in range(count))
    for size in (1, 4, 6):
        for category in (None, "tea", "cup", "none such"):
            pages, number = [], 1
            while True:
                found, paging = catalog.page(number, size, category)
                pages.append([p.name for p in found])
                if not paging.has_next or number > 60:
                    break
                number += 1
            out.append((count, size, category, pages, paging.total))
out
""")
    kinds = ["tea", "tea", "cup", "pot", "tea"]
    for count, size, category, pages, total in got:
        names = sorted(f"p{(n * 7) % 24:02}" for n in range(count) if category in (None, kinds[n % 5]))
        expected = [names[i : i + size] for i in range(0, len(names), size)] or [[]]
        assert pages == expected, f"{count} products, size {size}, {category}: {pages}, expected {expected}"
        assert total == len(names), f"paging of {category} counts {total} entries, expected {len(names)}"


def test_page_of_agrees_with_the_pages(candidate):
    got = candidate.evaluate("""
from catalog import Catalog, Product
out = []
for count in (1, 5, 12):
    catalog = Catalog(Product(f"p{n:02}", n, "tea") for n in range(count))
    for size in (1, 3, 4, 12, 20):
        out.append([f"p{n:02}" in [p.name for p in catalog.page(catalog.page_of(f"p{n:02}", size), size)[0]]
                    for n in range(count)])
out
""")
    assert all(all(row) for row in got), "page_of must name the page that shows the product"


def test_wrong_arguments_are_still_refused(candidate):
    cases = {
        "Paging(1, 0, 5)": "ValueError",
        "Paging(1, 5, -1)": "ValueError",
        "Catalog([]).page_of('x')": "KeyError",
    }
    for call, kind in cases.items():
        try:
            candidate.evaluate(f"from paging import Paging\nfrom catalog import Catalog\n{call}\nNone")
        except CandidateError as error:
            assert error.type == kind, f"{call} should raise {kind}, raised {error.type}"
        else:
            raise AssertionError(f"{call} should raise {kind}")
