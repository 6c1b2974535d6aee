"use strict";
// The table of attempts: rows and transcripts are packed in the page and unpacked when they are looked at.
(() => {
  const at = id => document.getElementById(id);
  const table = document.querySelector("table.attempts");
  const AT_ONCE = 200; // rows that are added to the table together
  const KEPT = 32; // unpacked blocks of transcripts that are kept
  const BUSY_MS = 40; // of a search, until the page may do something else

  // --- unpacking -------------------------------------------------------------------------------

  const bytesOf = text => Uint8Array.fromBase64
    ? Uint8Array.fromBase64(text)
    : Uint8Array.from(atob(text), letter => letter.charCodeAt(0));
  const unpack = async element => {
    const packed = new Blob([bytesOf(element.textContent)]).stream();
    return JSON.parse(await new Response(packed.pipeThrough(new DecompressionStream("deflate"))).text());
  };
  const blocks = new Map();
  const block = number => {
    if (!blocks.has(number)) blocks.set(number, unpack(at("block-" + number)));
    const found = blocks.get(number);
    blocks.delete(number);
    blocks.set(number, found); // the one used last is forgotten last
    if (blocks.size > KEPT) blocks.delete(blocks.keys().next().value);
    return found;
  };
  const SIGNS = {"&lt;": "<", "&gt;": ">", "&quot;": "\"", "&#x27;": "'", "&amp;": "&"};
  const wordsOf = markup => markup.replace(/<[^>]*>/g, "\n")
    .replace(/&(?:lt|gt|quot|#x27|amp);/g, sign => SIGNS[sign]).toLowerCase();
  const words = new Map();
  const wordsIn = async number => {
    if (!words.has(number)) words.set(number, (await unpack(at("block-" + number))).map(wordsOf));
    return words.get(number);
  };

  const start = ({columns, runs, rows}) => {
    // --- rows ----------------------------------------------------------------------------------

    const NO_ATTEMPT = -1;
    const [CELLS, PLACES, ENDINGS, VERDICTS, PAIRS, ADDRESS] = [0, 1, 2, 3, 4, 5];
    const body = table.tBodies[0];
    const more = at("more");
    let order = rows.map((_, number) => number);
    let chosen = order; // rows that fit, in order
    const drawn = new Map(); // by number: the row's element
    const textOf = cell => Array.isArray(cell) ? cell[0] : cell;
    const made = (name, text, kind) => {
      const element = document.createElement(name);
      if (text) element.textContent = text;
      if (kind) element.className = kind;
      return element;
    };
    const rowOf = number => {
      if (drawn.has(number)) return drawn.get(number);
      const line = made("tr", "", "row");
      rows[number][CELLS].forEach((cell, place) => {
        if (place === 0) {
          const head = made("th");
          head.scope = "row";
          const button = made("button", textOf(cell));
          button.type = "button";
          button.dir = "auto";
          button.setAttribute("aria-expanded", "false");
          head.append(button);
          line.append(head);
        } else {
          const kind = [columns[place][1], Array.isArray(cell) && cell[2] || ""].join(" ").trim();
          line.append(made("td", textOf(cell), kind));
        }
      });
      line.dataset.number = number;
      drawn.set(number, line);
      return line;
    };
    const extend = until => {
      const lines = [];
      for (let place = body.shown; place < Math.min(until, chosen.length); place++) {
        const line = rowOf(chosen[place]);
        lines.push(line);
        if (line.panel) lines.push(line.panel);
      }
      body.append(...lines);
      body.shown = Math.max(body.shown, Math.min(until, chosen.length));
      more.hidden = body.shown >= chosen.length;
    };
    const redraw = () => {
      body.replaceChildren();
      body.shown = 0;
      extend(AT_ONCE);
    };

    // --- transcripts ---------------------------------------------------------------------------

    const showMedia = part => {
      for (const figure of part.querySelectorAll("figure[data-medium]")) {
        const source = at("medium-" + figure.dataset.medium);
        if (!source) continue;
        const kind = source.dataset.kind === "image" ? "img" : source.dataset.kind;
        const medium = document.createElement(kind);
        medium.src = "data:" + source.dataset.type + ";base64," + source.textContent;
        if (kind === "img") medium.alt = figure.textContent;
        else medium.controls = true;
        figure.prepend(medium);
      }
    };
    const transcript = async (number, run) => {
      const place = rows[number][PLACES][run];
      if (Array.isArray(place)) {
        const part = document.createElement("template");
        part.innerHTML = (await block(place[0]))[place[1]];
        showMedia(part.content);
        return part.content;
      }
      const told = made("article", "", "attempt");
      if (runs[run]) told.append(made("header", runs[run], "model"));
      const why = place === NO_ATTEMPT ? "no attempt" : "this page has no room for the transcript";
      told.append(made("p", why, "remark"));
      return told;
    };
    const open = async line => {
      const number = Number(line.dataset.number);
      if (line.panel) return;
      const panel = made("tr", "", "panel");
      const cell = made("td", "", "more");
      cell.colSpan = columns.length;
      const parts = made("div", "", "transcripts");
      cell.append(parts);
      panel.append(cell);
      line.panel = panel;
      line.dataset.open = "";
      line.querySelector("button").setAttribute("aria-expanded", "true");
      line.after(panel);
      const held = [...runs.keys()].filter(run => rows[number][PLACES][run] !== null); // of the same task
      const trouble = error => made("p", String(error), "trouble");
      parts.append(...await Promise.all(held.map(run => transcript(number, run).catch(trouble))));
    };
    const close = line => {
      line.panel.remove();
      line.panel = null;
      delete line.dataset.open;
      line.querySelector("button").setAttribute("aria-expanded", "false");
    };
    body.addEventListener("click", event => {
      const line = event.target.closest("tr.row");
      const marking = !event.target.closest("button") && String(window.getSelection());
      if (!line || marking) return;
      if (line.panel) close(line);
      else open(line);
    });

    // --- filters -------------------------------------------------------------------------------

    const search = at("search"), ending = at("ending"), pair = at("pair"), count = at("count");
    const verdicts = [...document.querySelectorAll("select[data-of=verdict]")]
      .map(select => [select, Number(select.id.split("-")[1])]);
    const fits = row => (!ending.value || row[ENDINGS].includes(ending.value))
      && verdicts.every(([select, run]) => !select.value || row[VERDICTS][run] === select.value)
      && (!pair || !pair.value || row[PAIRS][parseInt(pair.value, 10)] === pair.value.slice(-1));
    const tell = text => { count.textContent = text; };
    let asked = 0;
    const filter = async () => {
      const mine = ++asked;
      let found = order.filter(number => fits(rows[number]));
      const wanted = search.value.toLowerCase();
      if (wanted) found = await having(wanted, found, mine);
      if (mine !== asked) return;
      chosen = found;
      tell(`${found.length.toLocaleString("en")} of ${rows.length.toLocaleString("en")} ${NOUN}`);
      redraw();
    };
    const NOUN = runs.length > 1 ? "rows" : "attempts";
    const having = async (wanted, candidates, mine) => {
      let since = performance.now();
      const found = [];
      for (let place = 0; place < candidates.length; place++) {
        const number = candidates[place];
        let fit = rows[number][CELLS].some(cell => textOf(cell).toLowerCase().includes(wanted));
        for (const told of rows[number][PLACES]) {
          if (fit) break;
          if (Array.isArray(told)) fit = (words.get(told[0]) || await wordsIn(told[0]))[told[1]].includes(wanted);
        }
        if (fit) found.push(number);
        if (performance.now() - since > BUSY_MS) {
          tell(`searching … ${Math.round(100 * place / candidates.length)} %`);
          await new Promise(done => setTimeout(done));
          if (mine !== asked) return [];
          since = performance.now();
        }
      }
      return found;
    };

    // --- sorting -------------------------------------------------------------------------------

    const collator = new Intl.Collator(undefined, {numeric: true});
    const keyOf = cell => Array.isArray(cell) && cell.length > 1 && typeof cell[1] === "number" ? cell[1] : textOf(cell);
    const compare = (a, b) => {
      if (typeof a === "number" && typeof b === "number") return a - b;
      if (typeof a === "number") return -1;
      if (typeof b === "number") return 1;
      return collator.compare(a, b);
    };
    const sort = (head, column) => {
      const down = head.getAttribute("aria-sort") === "ascending";
      for (const other of head.parentNode.cells) other.removeAttribute("aria-sort");
      head.setAttribute("aria-sort", down ? "descending" : "ascending");
      const keyed = rows.map((row, number) => [keyOf(row[CELLS][column]), number]);
      keyed.sort((a, b) => down ? compare(b[0], a[0]) : compare(a[0], b[0]));
      order = keyed.map(each => each[1]);
      filter();
    };
    const heads = table.tHead.insertRow();
    columns.forEach(([name, kind], column) => {
      const head = made("th", "", kind);
      head.scope = "col";
      const button = made("button", name);
      button.type = "button";
      button.title = name;
      button.addEventListener("click", () => sort(head, column));
      head.append(button);
      heads.append(head);
    });

    // --- links ---------------------------------------------------------------------------------

    const reset = () => {
      search.value = ending.value = "";
      if (pair) pair.value = "";
      for (const [select] of verdicts) select.value = "";
    };
    const encoded = value => { // in one form, whoever has written it in another
      try {
        return encodeURIComponent(decodeURIComponent(value));
      } catch {
        return value;
      }
    };
    const follow = async () => {
      const [kind, ...rest] = location.hash.slice(1).split("=");
      const value = rest.join("=");
      if (kind === "pair" && pair) {
        reset();
        pair.value = value;
        await filter();
        at("attempts").scrollIntoView();
      } else if (kind === "sample") {
        const number = rows.findIndex(row => encodeURIComponent(row[ADDRESS]) === encoded(value));
        if (number < 0) return;
        reset();
        await filter();
        extend(chosen.indexOf(number) + 1);
        await open(rowOf(number));
        rowOf(number).scrollIntoView();
      }
    };

    let typing = 0;
    search.addEventListener("input", () => {
      clearTimeout(typing);
      typing = setTimeout(filter, rows.length > 1000 ? 200 : 0);
    });
    for (const select of [ending, pair, ...verdicts.map(each => each[0])]) {
      if (select) select.addEventListener("change", filter);
    }
    at("reset").addEventListener("click", () => { reset(); filter(); });
    more.addEventListener("click", () => extend(body.shown + AT_ONCE));
    new IntersectionObserver((seen, watch) => {
      if (!seen.some(each => each.isIntersecting)) return;
      extend(body.shown + AT_ONCE);
      watch.unobserve(more); // told of changes alone, it would miss that one has come here again meanwhile
      watch.observe(more);
    }, {rootMargin: "600px"}).observe(more);
    window.addEventListener("hashchange", follow);
    document.addEventListener("click", event => {
      // the same link again changes no address, and is followed all the same
      const link = event.target.closest("a[href^='#']");
      if (link && link.getAttribute("href") === location.hash) follow();
    });
    at("controls").hidden = false;
    filter().then(follow).then(() => { document.documentElement.dataset.ready = ""; performance.mark("usable"); });
  };

  unpack(at("rows")).then(start).catch(error => {
    const trouble = at("trouble");
    trouble.textContent = "The attempts cannot be shown here: " + error + ". A newer browser may show them.";
    trouble.hidden = false;
  });
})();
