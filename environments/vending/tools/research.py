"""Web, weather and market research."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from agentbench_sdk.environments.vending.catalogue import products
from agentbench_sdk.environments.vending.tools.deck import Data, Deck, RefusalError, Sku
from agentbench_sdk.environments.vending.web.ranking import tokens
from agentbench_sdk.simulation import tool

_HITS = 8
_FORECAST_DAYS = 3
_SURVEY_NOISE = {"reference": 80, "elasticity": 200, "potential": 250}  # per mille either way


class ResearchTools(Deck):
    """Finding things out."""

    @tool()
    def search_web(self, query: Annotated[str, Field(max_length=300)]) -> Data:
        """Search the web; at most 8 hits with title, site, snippet and page id."""
        if not tokens(query):
            raise RefusalError("empty_query", "the query holds no word to search for")
        hits = self.core.tapes.web.search(query, _HITS, self.core.day)
        return {
            "hits": [
                {"page_id": page.id, "title": page.title, "site": page.site, "snippet": page.snippet}
                for page in hits
            ]
        }

    @tool()
    def open_page(self, page_id: Annotated[str, Field(max_length=64)]) -> Data:
        """Open a page that a search found."""
        page = self.core.tapes.web.pages(self.core.day).get(page_id)
        if page is None:
            raise RefusalError("unknown_page", f"there is no page {page_id!r}")
        return {"page_id": page.id, "title": page.title, "site": page.site, "text": page.text}

    @tool()
    def get_weather_forecast(self) -> Data:
        """Weather of today and a forecast, sometimes wrong, for the next three days."""
        weather, calendar, today = self.core.tapes.weather, self.core.tapes.calendar, self.core.day
        ahead = range(today + 1, today + 1 + _FORECAST_DAYS)
        return {
            "today": weather.name(today),
            "forecast": [
                {"day": day, "date": calendar.iso(day), "weather": weather.forecast(today, day)}
                for day in ahead
            ],
        }

    @tool()
    def run_market_survey(self, sku: Sku) -> Data:
        """Commission a market survey of one product: rough reference price, elasticity, weekly potential."""
        core = self.core
        if sku not in products():
            raise RefusalError("unknown_sku", f"there is no product {sku!r}")
        fee = core.scenario.survey_cents
        if core.ledger["BANK"] < fee:
            raise RefusalError("insufficient_funds", f"a survey costs {fee} cents")
        core.post("market survey", sku, "rough figures", bank=-fee, survey=fee)
        core.surveys[sku] = core.surveys.get(sku, 0) + 1
        latents = core.tapes.truth.of(sku)
        return {
            "sku": sku,
            "reference_price_cents": self._noisy(latents.ref, sku, "reference"),
            "elasticity_permille": self._noisy(latents.elasticity, sku, "elasticity"),
            "weekly_units": self._noisy(latents.base * 7, sku, "potential") // 1000,
            "cost_cents": fee,
        }

    def _noisy(self, value: int, sku: str, what: str) -> int:
        width = _SURVEY_NOISE[what]
        noise = self.core.tapes.streams.between(-width, width, "survey", sku, self.core.surveys[sku], what)
        return value * (1000 + noise) // 1000
