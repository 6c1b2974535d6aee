"""Products of the shop, a page at a time."""

from collections.abc import Iterable
from dataclasses import dataclass

from paging import Paging


@dataclass(frozen=True)
class Product:
    name: str
    price: int  # cents
    category: str


class Catalog:
    def __init__(self, products: Iterable[Product]) -> None:
        self._products = sorted(products, key=lambda product: product.name)

    def page(
        self, number: int = 1, size: int = 20, category: str | None = None
    ) -> tuple[list[Product], Paging]:
        """The products on a page, by name, and the paging; of one category if it is given."""
        paging = Paging(number, size, len(self._products))
        # The paging's offset is off by one page, so one page is taken back here.
        start = paging.offset - size
        found = self._products[start : start + paging.size + 1]
        if category is not None:
            found = [product for product in found if product.category == category]
        return found, paging

    def page_of(self, name: str, size: int = 20) -> int:
        """Number of the page, of all products, that shows the product; KeyError if there is none of that name."""
        for position, product in enumerate(self._products, start=1):
            if product.name == name:
                return position // size + 1
        raise KeyError(name)
