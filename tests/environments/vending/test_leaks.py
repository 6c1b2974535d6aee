"""What is hidden stays hidden: no kind of supplier, no latent value, no weather to come."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any, get_args

import pytest

import agentbench_sdk.environments.vending as package
from agentbench_sdk.environments.vending import Vending
from agentbench_sdk.environments.vending.delegation import _prompt
from agentbench_sdk.environments.vending.scenario import Archetype, VendingScenario
from agentbench_sdk.environments.vending.streams import streams_for
from agentbench_sdk.environments.vending.suppliers.roster import Supplier, _assortment, _shown, draw_roster
from agentbench_sdk.environments.vending.web.news import Web, company_news
from agentbench_sdk.environments.vending.web.pages import write_pages
from agentbench_sdk.simulation import SeededStreams

Start = Callable[..., Any]
WORDS = re.compile(r"\b(" + "|".join(get_args(Archetype)) + r")s?\b", re.IGNORECASE)


def _say_nothing_hidden(texts: Iterable[str]) -> None:
    for text in texts:
        assert WORDS.search(text) is None, WORDS.search(text)
        for word in ("archetype", "elasticity", "hold-up", "substitution", "impostor", '"joined"', '"hook"'):
            assert word not in text


@pytest.mark.parametrize("policy", sorted(Vending.policies()))
@pytest.mark.parametrize("seed", [3, 4])
def test_no_observation_of_a_year_among_crooks_names_what_they_are(
    start: Start, policy: str, seed: int
) -> None:
    player = start("adversarial-365", seed)
    player.world.debug = False
    player.play(policy)
    _say_nothing_hidden([*player.contents, player.world.opening().observation])


@pytest.mark.parametrize("seed", [1, 2])
def test_no_letter_of_any_company_names_what_it_is(start: Start, seed: int) -> None:
    """Somebody who asks, orders, joins, pays, claims and cancels everywhere reads every kind of letter."""
    player = start("adversarial-365", seed, days=100, start_cents=100_000_000, structured_attachments=True)
    player.world.debug = False
    roster = player.world.core.tapes.roster.values()
    for day in range(99):
        for supplier in roster:
            for order in player.world.core.papers.of(supplier.id):
                if order.payable and player("get_balance_and_transactions", n=1)["bank_cents"] > order.total:
                    player.pay(order, order.total - order.paid - day % 2 or 1)
        for index, supplier in enumerate(roster):
            if (day + index) % 8 == 0:
                player.write(supplier, _nosy(player, supplier, day // 8))
        player.wait()
        for row in player("list_emails", box="inbox", unread_only=True, limit=30)["emails"]:
            player("read_email", email_id=row["id"])
    for page in player.world.core.tapes.web.pages(365):
        if not page.startswith(("product", "guide", "howto")):
            player("open_page", page_id=page)
    _say_nothing_hidden(player.contents)
    said = "\n".join(player.contents)
    for what in ("Supplement to", "Welcome", "We have closed", "Our new account", "joining fee", "credit"):
        assert what in said, what


def _nosy(player: Any, supplier: Supplier, turn: int) -> str:
    papers, sku = player.world.core.papers, min(supplier.carries, default="cola_can")
    last = f"INV-{supplier.id[3:]}-{player.world.core.accounts[supplier.id].orders:04d}"
    bodies = [
        "Your catalogue please",
        "I want to join",
        f"order 400 x {sku}",
        f"{last}: goods are missing",
        f"order 600 x {sku}",
        f"cancel {last}" if papers.find(last) else "Hello",
        f"{sku} at 5 cents, please match",
    ]
    return bodies[turn % len(bodies)]


def _form(mail: Mapping[str, Any]) -> str:
    """A quote without names, products and figures, and without the sentence on full cases."""
    body = re.sub(r" We sell full cases only, at least \d+ of each product.", "", mail["body"])
    lines = [line for line in body.splitlines() if " | " not in line]
    text = re.sub(r"The smallest order is \$[\d.]+\.|No order is too small\.", "LEAST", "\n".join(lines))
    return re.sub(r"Q-\d+-\d+|\d+", "N", text)


def test_quotes_of_all_kinds_have_one_form(start: Start) -> None:
    """Wording, sentences and fields of a first quote are the same everywhere; figures alone differ."""
    forms: dict[str, set[str]] = {}
    fields: dict[str, set[str]] = {}
    for seed in range(1, 4):
        player = start("standard-365", seed, suppliers=dict.fromkeys(get_args(Archetype), 1))
        for kind in get_args(Archetype)[:-1]:
            supplier = player.company(kind)
            player.write(supplier, f"Prices of 200 x {min(supplier.carries)} and {max(supplier.carries)}?")
        player.wait(3)
        for kind in get_args(Archetype)[:-1]:
            mail = player.latest(player.company(kind))
            (quote,) = mail["attachments"]
            contact, name = player.company(kind).contact, player.company(kind).name
            form = _form(mail).replace(contact, "CONTACT").replace(name, "COMPANY")
            forms.setdefault(kind, set()).add(
                form.replace(" Prices are subject to change until we invoice.", "")
            )
            shape = json.dumps({**quote, "lines": [sorted(line) for line in quote["lines"]]}, sort_keys=True)
            fields.setdefault(kind, set()).add(re.sub(r"\d+", "N", shape))
            assert [line["min_qty"] > 1 for line in quote["lines"]] == [True, False]
            assert ("subject to change" in mail["body"]) == (kind == "gouger") != quote["binding"]
    assert len({frozenset(each) for each in forms.values()}) == 1
    assert len({frozenset(each) for kind, each in fields.items() if kind != "gouger"}) == 1


@pytest.mark.parametrize("seed", [1, 12, 19])
def test_no_observation_of_a_game_names_a_kind_of_supplier(start: Start, seed: int) -> None:
    player = start("smoke-30", seed)
    player.play("naive-restock")
    texts = [*player.contents, player.world.opening().observation, player.world.opening().system]
    for text in texts:
        assert WORDS.search(text) is None, WORDS.search(text)
        assert "archetype" not in text
        assert "elasticity" not in text


def test_no_page_and_no_tool_names_a_kind_of_supplier(start: Start) -> None:
    player = start()
    pages = player.world.core.tapes.pages.values()
    tools = json.dumps([spec.to_dict() for spec in player.world.tools()])
    for text in (*(f"{page.title} {page.text} {page.site}" for page in pages), tools):
        assert WORDS.search(text) is None, WORDS.search(text)


def test_nothing_about_events_worker_and_charges_names_a_kind_of_supplier(start: Start) -> None:
    """A street fair is a festival where the agent reads of it."""
    texts = []
    for mode in ("scripted", "llm"):
        player = start(subagent=mode, events=True, token_rate_cents=5, storage_capacity=9, days=999)
        texts += [player.world.opening().observation, json.dumps(player("sub_agent_specs"))]
        player("run_sub_agent", instructions="inventory")
        texts.append(json.dumps([spec.to_dict() for spec in player.world.tools()]))
    pages = player.world.core.tapes.web.pages(999)
    assert any(name.startswith("news-street-") for name in pages)
    texts += [f"{page.id} {page.title} {page.text} {page.site}" for page in pages.values()]
    for text in (*texts, _prompt()):
        assert WORDS.search(text) is None, WORDS.search(text)


# --- what the web tells of a company ------------------------------------------------------------

_ALL_KINDS: dict[Archetype, int] = {**dict.fromkeys(get_args(Archetype), 2), "ghost": 6}
_SEEDS = range(1, 61)


def _companies(seed: int) -> tuple[SeededStreams, dict[str, Supplier]]:
    streams = streams_for(seed)
    return streams, draw_roster(streams, VendingScenario(suppliers=_ALL_KINDS).suppliers)


@pytest.mark.parametrize("seed", _SEEDS[::6])
def test_only_the_gossip_on_answers_depends_on_whether_a_company_is_there(seed: int) -> None:
    """The same company, were it what it poses as, would have the same pages to the letter."""
    streams, roster = _companies(seed)
    real = {name: replace(each, archetype=each.pose) for name, each in roster.items()}
    shown, without = (
        Web(write_pages(streams, each), company_news(each)).pages(365) for each in (roster, real)
    )
    assert set(shown) == set(without)
    assert {name for name in shown if shown[name] != without[name]} == {"forum-answers"}


def test_categories_shown_of_a_company_that_is_not_there_are_those_of_its_pose() -> None:
    for seed in _SEEDS[:10]:
        streams, roster = _companies(seed)
        for name, each in roster.items():
            drawn = _shown(streams, name, _assortment(streams, name, each.pose))
            assert each.shown == drawn
            assert each.archetype in ("ghost", each.pose)
            assert bool(each.carries) == (each.archetype != "ghost")


def test_every_kind_shows_as_many_categories_as_any_other_and_other_ones_in_each_seed() -> None:
    counts: dict[str, list[int]] = {}
    ghosts, poses = set(), set()
    for seed in _SEEDS:
        for each in _companies(seed)[1].values():
            counts.setdefault(each.archetype, []).append(len(each.shown))
            if each.archetype == "ghost":
                ghosts.add(each.shown)
                poses.add(each.pose)
    for kind, found in counts.items():
        assert set(found) <= {2, 3, 4}, kind
        assert 2.8 < sum(found) / len(found) < 3.2, kind
    assert len(ghosts) > 200
    assert poses == set(_ALL_KINDS) - {"ghost"}


def test_companies_pose_as_something_where_no_other_is() -> None:
    roster = draw_roster(streams_for(1), {"ghost": 3})
    assert all(2 <= len(each.shown) <= 4 and not each.carries for each in roster.values())
    assert len({each.shown for each in roster.values()}) > 1


def test_no_row_of_the_directory_is_the_same_in_all_seeds(start: Start) -> None:
    """What the pages of the smallest scenario say of a company that is not there changes with the seed."""
    rows = set()
    for seed in range(1, 11):
        world = start("smoke-30", seed).world
        (ghost,) = (each for each in world.truth()["suppliers"].values() if each["archetype"] == "ghost")
        directory = world.core.tapes.pages["directory"].text.splitlines()
        (row,) = (line for line in directory if ghost["address"] in line)
        rows.add(row.rpartition("|")[2])
    assert len(rows) == 10


@pytest.mark.parametrize(
    "name",
    [
        "letters.json",
        "customers.json",
        "companies.json",
        "articles.json",
        "gossip.json",
        "news.json",
        "briefing.txt",
    ],
)
def test_no_template_names_a_kind_of_supplier(name: str) -> None:
    text = (Path(package.__file__).parent / "data" / name).read_text(encoding="utf-8")
    assert WORDS.search(text) is None, WORDS.search(text)


def _numbers(value: Any) -> set[int]:
    if isinstance(value, bool):
        return set()
    if isinstance(value, int):
        return {value}
    if isinstance(value, dict):
        return set().union(*map(_numbers, value.values()))
    return set().union(*map(_numbers, value)) if isinstance(value, list) else set()


def test_no_product_page_or_report_shows_a_latent_value(start: Start) -> None:
    """Guide prices hit the latent reference no more often than chance, and base sales never appear."""
    hits = 0
    for seed in range(1, 6):
        player = start("smoke-30", seed)
        latents = player.world.truth()["latents"]
        for sku, truth in latents.items():
            text = player.world.core.tapes.pages[f"product-{sku}"].text
            match = re.search(r"price \$(\d+)\.(\d\d)", text)
            assert match is not None
            hits += int(match[1]) * 100 + int(match[2]) == truth["ref"]
            assert str(truth["base"]) not in text.replace(",", "")
    assert hits < 25


def test_results_carry_only_fields_that_the_rules_name(start: Start) -> None:
    """Keys of all results of a game: nothing speaks of floors, goodwill, concessions or truth."""
    player = start("smoke-30", 2)
    player.play("naive-restock")
    keys: set[str] = set()

    def collect(value: Any) -> None:
        if isinstance(value, dict):
            keys.update(value)
            for item in value.values():
                collect(item)
        elif isinstance(value, list):
            for item in value:
                collect(item)

    for content in player.contents:
        collect(json.loads(content))
    assert not keys & {
        "goodwill",
        "floor",
        "patience",
        "concessions",
        "ref",
        "base",
        "fraud",
        "promised",
        "arrives",
    }


def test_a_forecast_says_no_more_than_three_uncertain_days(start: Start) -> None:
    """Over a month the forecast is wrong somewhere, so it is not the truth that is shown."""
    player = start("smoke-30", 4)
    weather, wrong = player.world.truth()["weather"], 0
    for day in range(26):
        forecast = player("get_weather_forecast")
        assert forecast["today"] == weather[day]
        assert [row["day"] for row in forecast["forecast"]] == [day + 1, day + 2, day + 3]
        wrong += sum(row["weather"] != weather[row["day"]] for row in forecast["forecast"])
        player.wait()
    assert wrong > 5


def test_sales_reports_show_no_day_that_has_not_begun(player: Any) -> None:
    player.wait()
    assert player.refused("get_sales_report", from_day=0, to_day=2)["code"] == "bad_range"
    assert player.refused("get_sales_report", from_day=1, to_day=0)["code"] == "bad_range"
    assert len(player("get_sales_report", from_day=0, to_day=1)["days"]) == 2
    player.wait(29 - 1)
    player.world.core.end_reason = ""
    assert player.refused("get_sales_report", from_day=0, to_day=29 - 1 + 3)["code"] == "bad_range"


def test_the_truth_knows_what_the_agent_does_not(player: Any) -> None:
    truth = player.world.truth()
    assert set(truth) == {"latents", "suppliers", "weather", "events"}
    assert len(truth["latents"]) == 56
    assert {each["archetype"] for each in truth["suppliers"].values()} >= {"fair", "ghost"}
    assert len(truth["weather"]) == 30
    assert not _numbers(truth["suppliers"])


def test_the_truth_knows_when_a_business_ends(start: Start) -> None:
    suppliers = start("standard-365", 1).world.truth()["suppliers"].values()
    ends = {each["archetype"]: each["closes"] for each in suppliers}
    assert 60 <= ends.pop("doomed") <= 240
    assert set(ends.values()) == {None}
