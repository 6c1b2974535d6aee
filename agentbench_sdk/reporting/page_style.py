"""How the HTML report looks, and the little that it does: sorting and filtering of attempts.

Without JavaScript the page can be read as a whole; the controls are then not there. Names of classes are those
that `page`, `page_attempts` and `markup` write.
"""

from __future__ import annotations

STYLE = """
:root { color-scheme: light dark; --ink: #1c2024; --soft: #5b6570; --paper: #fff; --line: #d7dce1;
  --tint: #f3f5f7; --blue: #1f5fbf; --green: #1a7a3c; --red: #b3261e; --amber: #8a5a00; --violet: #7a3ea8; }
@media (prefers-color-scheme: dark) { :root { --ink: #e6e9ec; --soft: #a0abb6; --paper: #14181c;
  --line: #343c44; --tint: #1e242a; --blue: #7fb0ff; --green: #6fd08c; --red: #ff8a80; --amber: #f0b950;
  --violet: #cfa3f0; } }
* { box-sizing: border-box; }
body { margin: 0 auto; max-width: 76rem; padding: 1rem; background: var(--paper); color: var(--ink);
  font: 15px/1.45 system-ui, sans-serif; }
h1 { font-size: 1.5rem; margin: .5rem 0; overflow-wrap: anywhere; }
h2 { font-size: 1.1rem; margin: 2rem 0 .5rem; }
.wide { overflow-x: auto; }
table { border-collapse: collapse; }
th, td { padding: .25rem .75rem .25rem 0; text-align: left; vertical-align: top;
  overflow-wrap: break-word; max-width: 40rem; border-bottom: 1px solid var(--line); }
thead th { color: var(--soft); font-weight: normal; white-space: nowrap; }
tbody th { font-weight: normal; min-width: 7rem; }
main > section > p { max-width: 60rem; }
.number { text-align: right; white-space: nowrap; font-variant-numeric: tabular-nums; }
.heard { position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%); white-space: nowrap; }
.remark, .facts dt { color: var(--soft); }
.remark { margin: .25rem 0; overflow-wrap: anywhere; }
.warning { color: var(--amber); overflow-wrap: anywhere; }
.facts { display: grid; grid-template-columns: max-content 1fr; gap: .15rem 1rem; margin: 0; }
.facts dd { margin: 0; overflow-wrap: anywhere; }
svg { vertical-align: middle; }
.axis { stroke: var(--line); stroke-width: 1; }
.bar { stroke: var(--blue); stroke-width: 4; stroke-linecap: round; opacity: .6; }
.dot { fill: var(--blue); }
.steps { stroke: var(--blue); fill: none; stroke-width: 1.5; }
.completed { color: var(--green); } .failed { color: var(--red); }
.limit { color: var(--amber); } .cancelled { color: var(--violet); }
.said, .data { white-space: pre-wrap; overflow-wrap: anywhere; unicode-bidi: isolate; }
.data { font: 13px/1.4 ui-monospace, monospace; background: var(--tint); padding: .35rem .5rem; margin: .2rem 0; }
.who { color: var(--soft); font-size: .85rem; overflow-wrap: anywhere; }
.entry { border-left: 3px solid var(--line); padding: .2rem 0 .2rem .7rem; margin: .5rem 0; }
.entry.agent { border-color: var(--blue); } .entry.user { border-color: var(--green); }
.entry.tool { border-color: var(--amber); } .entry.world { border-color: var(--violet); }
.trouble { color: var(--red); }
summary { cursor: pointer; color: var(--blue); }
.attempts { width: 100%; } .attempts td.more { max-width: 1px; border-bottom: 2px solid var(--line); padding-left: 1rem; }
.controls { display: flex; flex-wrap: wrap; gap: .75rem; align-items: center; margin: .5rem 0; }
[hidden] { display: none; }
.attempts thead button { font: inherit; color: inherit; background: none; border: 0; padding: 0; cursor: pointer; }
.attempts th[aria-sort=ascending] button::after { content: " \\2191"; }
.attempts th[aria-sort=descending] button::after { content: " \\2193"; }
input, select { font: inherit; max-width: 100%; }
""".strip()

SCRIPT = """
"use strict";
(() => {
  const table = document.querySelector("table.attempts");
  if (!table) return;
  const groups = [...table.tBodies];
  const words = new Map();
  const textOf = group => {
    if (!words.has(group)) words.set(group, group.textContent.toLowerCase());
    return words.get(group);
  };
  const controls = document.getElementById("controls");
  const search = document.getElementById("search");
  const ending = document.getElementById("ending");
  const count = document.getElementById("count");
  const filter = () => {
    const wanted = search.value.toLowerCase();
    let shown = 0;
    for (const group of groups) {
      const fits = (!ending.value || group.dataset.status === ending.value)
        && (!wanted || textOf(group).includes(wanted));
      group.hidden = !fits;
      shown += fits ? 1 : 0;
    }
    count.textContent = shown + " of " + groups.length + " attempts";
  };
  const keyOf = (group, column) => {
    const cell = group.rows[0].cells[column];
    return "key" in cell.dataset ? Number(cell.dataset.key) : cell.textContent;
  };
  const compare = (a, b) => {
    if (typeof a === "number" && typeof b === "number") return a - b;
    if (typeof a === "number") return -1;
    if (typeof b === "number") return 1;
    return a.localeCompare(b, undefined, {numeric: true});
  };
  const sort = (head, column) => {
    const down = head.getAttribute("aria-sort") === "ascending";
    for (const other of head.parentNode.cells) other.removeAttribute("aria-sort");
    head.setAttribute("aria-sort", down ? "descending" : "ascending");
    const keyed = groups.map(group => [keyOf(group, column), group]);
    keyed.sort((a, b) => down ? compare(b[0], a[0]) : compare(a[0], b[0]));
    table.append(...keyed.map(each => each[1]));
  };
  [...table.tHead.rows[0].cells].forEach((head, column) => {
    const button = document.createElement("button");
    button.type = "button";
    button.textContent = head.textContent;
    button.addEventListener("click", () => sort(head, column));
    head.replaceChildren(button);
  });
  search.addEventListener("input", filter);
  ending.addEventListener("change", filter);
  controls.hidden = false;
  filter();
})();
""".strip()
