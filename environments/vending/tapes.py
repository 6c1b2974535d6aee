"""Everything about a run that follows from scenario and seed alone: latents, weather, companies, pages.

Derived, so never part of the state; forks share it, because nothing in it depends on what an agent does.
"""

from __future__ import annotations

from functools import cached_property

from agentbench_sdk.environments.vending.calendar import Calendar
from agentbench_sdk.environments.vending.catalogue import Truth
from agentbench_sdk.environments.vending.demand import Demand
from agentbench_sdk.environments.vending.fairs import Fairs
from agentbench_sdk.environments.vending.scenario import VendingScenario
from agentbench_sdk.environments.vending.streams import streams_for
from agentbench_sdk.environments.vending.suppliers.pricing import Prices
from agentbench_sdk.environments.vending.suppliers.roster import Supplier, draw_roster
from agentbench_sdk.environments.vending.weather import Weather
from agentbench_sdk.environments.vending.web.news import Web, company_news
from agentbench_sdk.environments.vending.web.page import Page
from agentbench_sdk.environments.vending.web.pages import write_pages
from agentbench_sdk.environments.vending.web.street import street_news


class Tapes:
    """The tapes of one scenario and seed."""

    def __init__(self, scenario: VendingScenario, seed: int) -> None:
        self._scenario = scenario
        self.streams = streams_for(seed)
        self.calendar = Calendar(scenario.start_date)
        self.truth = Truth(self.streams)
        self.weather = Weather(self.streams, self.calendar)
        self.fairs = Fairs(self.streams, events=scenario.events)
        self.demand = Demand(self.streams, self.truth, self.weather, self.calendar, self.fairs.footfall)
        self.prices = Prices(self.streams, self.truth, {})

    @cached_property
    def roster(self) -> dict[str, Supplier]:
        """The suppliers by id."""
        return draw_roster(self.streams, self._scenario.suppliers, self._scenario.days)

    @cached_property
    def by_address(self) -> dict[str, Supplier]:
        """The suppliers by mail address."""
        return {supplier.address: supplier for supplier in self.roster.values()}

    @cached_property
    def pages(self) -> dict[str, Page]:
        """The lasting pages of the web by id."""
        return write_pages(self.streams, self.roster)

    @cached_property
    def web(self) -> Web:
        """The pages with the news, as they are on each day."""
        news = [*company_news(self.roster), *street_news(self.fairs, self.calendar, self._scenario.days)]
        return Web(self.pages, news)
