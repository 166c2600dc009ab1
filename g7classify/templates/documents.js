"use strict";
// The page of documents: shows the sentences, filters them, tells the words behind a tag, crosses labels, sorts, saves.
// What it is given: contents.py. Texts only ever become text nodes: nothing here makes markup of a string.

const SURE = 0, MISSED = 2, MILLION = 1000000;
const ROWS = 100; // of the table at a time
const SLICE = 400; // sentences that are built between two breaths of the browser

const $ = (id) => document.getElementById(id);

function make(name, attributes = {}, ...children) {
  const element = document.createElement(name);
  for (const [key, value] of Object.entries(attributes)) {
    if (value !== null) element.setAttribute(key, value);
  }
  element.append(...children);
  return element;
}

async function unpacked() {
  const bytes = Uint8Array.from(atob(JSON.parse($("data").textContent)), (c) => c.charCodeAt(0));
  const stream = new Blob([bytes]).stream().pipeThrough(new DecompressionStream("deflate"));
  return JSON.parse(await new Response(stream).text());
}

function start(data) {
  const { says, labels, groups, files, models, languages } = data;
  const filled = (said, values) => said.replace(/\{(\w+)\}/g, (_, name) => values[name]);
  const own = document.documentElement.lang;
  const number = new Intl.NumberFormat(own);
  const collator = new Intl.Collator(own, { numeric: true });
  const [two, three] = [2, 3].map((digits) => new Intl.NumberFormat(own, { minimumFractionDigits: digits, maximumFractionDigits: digits }));
  const logit = (hundredths) => (hundredths < 0 ? "−" : "+") + two.format(Math.abs(hundredths) / 100);
  const groupOf = (label) => groups[labels[label].group];
  const category = (label) => (groupOf(label).head < 0 ? label : groupOf(label).head);
  const fullName = (label) => (category(label) === label
    ? labels[label].shown : filled(says.within, { group: groupOf(label).name, label: labels[label].shown }));

  const sentences = data.sentences.map(([text, tags = [], file = 0, place = 0, language = 0, model = 0, left = 0], i) => ({
    i, text, file, place, language, model, left, item: null, chips: [], shown: true,
    doubtful: tags.some((tag) => tag[2] !== SURE),
    tags: tags.map(([label, p, state, raised, sum, ...words]) => ({ label, p, state, raised, sum, words })),
  }));

  // --- the text -----------------------------------------------------------------------------------------------------

  function placed(sentence) {
    const kind = files[sentence.file][1];
    return kind && sentence.place ? `${says[kind]} ${sentence.place}` : "";
  }

  function chip(tag, sentence) {
    const doubt = tag.state === SURE ? "" : tag.state === MISSED ? says.missed : says.doubt;
    const style = `chip k${labels[tag.label].group % 6}${doubt && " doubt"}${tag.state === MISSED ? " missed" : ""}`;
    const named = make("button", { type: "button", class: style, "aria-expanded": "false", "data-sentence": sentence.i });
    named.append(make("span", { class: "mark", "aria-hidden": "true" }), " ");
    if (category(tag.label) !== tag.label) named.append(make("span", { class: "aside" }, `${groupOf(tag.label).name}: `));
    named.append(labels[tag.label].shown, " ", make("b", {}, tag.p < 0 ? "" : two.format(tag.p / MILLION)));
    if (doubt) named.append(make("span", { "aria-hidden": "true" }, " ?"), make("span", { class: "aside" }, ` (${doubt})`));
    return named;
  }

  function build(sentence) {
    const before = sentences[sentence.i - 1];
    const first = files.length > 1 && (!before || before.file !== sentence.file);
    const item = make("li", { id: `s${sentence.i + 1}`, lang: languages[sentence.language] });
    item.classList.toggle("first", first);
    item.classList.toggle("doubtful", sentence.doubtful);
    if (first) item.append(make("p", { class: "file" }, make("bdi", {}, files[sentence.file][0])));
    const said = make("p", { class: "said" }, make("span", { class: "number" }, String(sentence.i + 1), " "), make("bdi", {}, sentence.text));
    const where = placed(sentence);
    if (where) said.append(" ", make("span", { class: "soft", lang: own }, where));
    item.append(said);
    if (sentence.tags.length || sentence.left) {
      const chips = make("p", { class: "chips", lang: own });
      if (sentence.doubtful) chips.append(make("span", { class: "look" }, make("span", { "aria-hidden": "true" }, "⚑ "), says.look));
      sentence.chips = sentence.tags.map((tag) => chip(tag, sentence));
      chips.append(...sentence.chips);
      if (sentence.left) chips.append(make("span", { class: "soft" }, says.left));
      item.append(chips);
    }
    sentence.item = item;
    return item;
  }

  function buildFrom(first) {
    const slice = sentences.slice(first, first + SLICE);
    const built = document.createDocumentFragment();
    for (const sentence of slice) {
      built.append(build(sentence));
      show(sentence);
    }
    $("sentences").append(built);
    if (first + SLICE < sentences.length) setTimeout(buildFrom, 0, first + SLICE);
    else document.body.dataset.ready = "true";
  }

  function show(sentence) {
    sentence.item.hidden = !sentence.shown;
    sentence.chips.forEach((chip, i) => { chip.hidden = sentence.tags[i].p < filter.least && sentence.tags[i].p >= 0; });
  }

  // --- filters ------------------------------------------------------------------------------------------------------

  const filter = { labels: [], least: 0, doubt: false, language: -1, file: -1, search: "" };
  const boxes = [...$("filters").querySelectorAll("input[name=label]")];

  function chosen() { // labels that are ticked, a set a group
    const ticked = boxes.filter((box) => box.checked).map((box) => Number(box.value));
    return groups.map((_, group) => new Set(ticked.filter((label) => labels[label].group === group))).filter((some) => some.size);
  }

  const within = (tag, wanted) => wanted.has(tag.label) || wanted.has(category(tag.label));
  const counted = (tag) => tag.state !== MISSED && tag.p >= filter.least;
  // A label that just missed is looked for only among what is to look at.
  const sought = (tag) => counted(tag) || (filter.doubt && tag.state === MISSED);

  function passes(sentence, wanted) {
    return (!filter.doubt || sentence.doubtful)
      && (filter.language < 0 || sentence.language === filter.language)
      && (filter.file < 0 || sentence.file === filter.file)
      && (!filter.search || sentence.text.toLocaleLowerCase().includes(filter.search))
      && (!filter.least || sentence.tags.some(sought))
      && wanted.every((some) => sentence.tags.some((tag) => sought(tag) && within(tag, some)));
  }

  function apply() {
    const value = (id) => Number($(id)?.value ?? -1);
    Object.assign(filter, {
      labels: chosen(), least: value("least") * MILLION / 100, doubt: $("doubt").checked,
      language: value("language"), file: value("file"), search: $("search").value.trim().toLocaleLowerCase(),
    });
    $("least-shown").value = `${$("least").value} %`;
    closeWhy();
    const counts = new Array(labels.length).fill(0);
    let shown = 0, tags = 0;
    for (const sentence of sentences) {
      sentence.shown = passes(sentence, filter.labels);
      if (sentence.item) show(sentence);
      if (!sentence.shown) continue;
      shown += 1;
      const told = sentence.tags.filter(counted).map((tag) => tag.label);
      tags += told.length;
      for (const label of new Set([...told, ...told.map(category)])) counts[label] += 1;
    }
    for (const box of boxes) {
      box.parentElement.querySelector("output").textContent = number.format(counts[box.value]);
    }
    $("state").textContent = shown
      ? filled(says.shown, { sentences: number.format(shown), all: number.format(sentences.length), tags: number.format(tags) })
      : sentences.length ? says.none : says.nothing;
    refresh();
  }

  function refresh() { // what the view in front needs
    if (!$("matrix").hidden) cross();
    if (!$("table").hidden) list();
  }

  // --- the words behind a tag ---------------------------------------------------------------------------------------

  function closeWhy(focus = false) {
    const chip = document.querySelector(".chip[aria-expanded=true]");
    $("why")?.remove();
    chip?.setAttribute("aria-expanded", "false");
    chip?.removeAttribute("aria-controls");
    if (focus) chip?.focus();
  }

  function openWhy(chip) {
    const sentence = sentences[chip.dataset.sentence];
    const tag = sentence.tags[sentence.chips.indexOf(chip)];
    const model = models[sentence.model];
    const title = filled(says.why, { label: fullName(tag.label) });
    const why = make("div", { id: "why", class: "why", role: "region", "aria-label": title, lang: own });
    const figures = [];
    if (tag.p >= 0) figures.push(`${says.probability} ${three.format(tag.p / MILLION)}`);
    if (tag.label in model.thresholds) figures.push(`${says.threshold} ${three.format(model.thresholds[tag.label] / 1000)}`);
    if (tag.state !== SURE) figures.push(tag.state === MISSED ? says.missed : says.doubt);
    why.append(make("h3", {}, title), make("p", { class: "soft" }, `${[...figures, model.name].join(" · ")}`));
    if (tag.words === undefined || tag.sum === undefined) why.append(make("p", {}, says[model.silent || "absent"]));
    else why.append(...explained(sentence, tag, model.biases[tag.label]));
    const close = make("button", { type: "button" }, says.close);
    close.addEventListener("click", () => closeWhy(true));
    why.append(close);
    chip.setAttribute("aria-expanded", "true");
    chip.setAttribute("aria-controls", "why");
    sentence.item.append(why);
  }

  function explained(sentence, tag, bias) {
    const points = [...sentence.text]; // code points, in which places are told
    const words = [];
    for (let i = 0; i < tag.words.length; i += 3) {
      const [at, length, adds] = tag.words.slice(i, i + 3);
      words.push({ at, end: at + length, adds, text: points.slice(at, at + length).join("") });
    }
    const marked = make("p", { lang: languages[sentence.language] }), whole = make("bdi");
    let done = 0;
    for (const word of [...words].sort((a, b) => a.at - b.at)) {
      whole.append(points.slice(done, word.at).join(""), make("mark", { class: word.adds > 0 ? "for" : "against" }, word.text));
      done = word.end;
    }
    whole.append(points.slice(done).join(""));
    marked.append(whole);
    const rest = words.reduce((left, word) => left - word.adds, tag.sum - bias);
    const body = make("tbody");
    const row = (name, adds, style = null) => body.append(
      make("tr", {}, make("th", { scope: "row" }, make("bdi", { class: style }, name)), make("td", {}, logit(adds))));
    for (const word of words) row(word.text, word.adds, word.adds > 0 ? "for" : "against");
    row(says.rest, rest);
    row(says.bias, bias);
    row(says.total, tag.sum);
    const head = make("tr", {}, make("th", { scope: "col" }, says.word), make("th", { scope: "col" }, says.contribution));
    const table = make("table", {}, make("caption", {}, says.logit), make("thead", {}, head), body);
    const raised = tag.raised < 0 ? [] : [make("p", {}, filled(says.raised, { label: labels[tag.raised].shown }))];
    return [...raised, marked, table];
  }

  // --- the matrix ---------------------------------------------------------------------------------------------------

  const members = (group) => [...(groups[group].head < 0 ? [] : [groups[group].head]), ...groups[group].labels];
  const isHead = (label) => groupOf(label).head === label;
  const named = (label) => (isHead(label) ? filled(says.all, { label: labels[label].shown }) : labels[label].shown);

  function cross() {
    const rows = members(Number($("rows").value)), columns = members(Number($("columns").value));
    const against = Number($("against").value);
    const counts = new Map();
    for (const sentence of sentences) {
      if (!sentence.shown) continue;
      const told = new Set();
      for (const tag of sentence.tags.filter(counted)) told.add(tag.label).add(category(tag.label));
      if (against >= 0 && !told.has(against)) continue;
      for (const row of rows) {
        if (!told.has(row)) continue;
        for (const column of columns) {
          if (told.has(column)) counts.set(`${row} ${column}`, (counts.get(`${row} ${column}`) ?? 0) + 1);
        }
      }
    }
    const most = Math.max(1, ...[...counts].filter(([key]) => !key.split(" ").some((label) => isHead(Number(label)))).map(([, n]) => n));
    const head = make("tr", {}, make("td"));
    for (const column of columns) head.append(make("th", { scope: "col", class: isHead(column) ? "head" : null }, named(column)));
    const body = make("tbody");
    for (const row of rows) {
      const line = make("tr", { class: isHead(row) ? "head" : null }, make("th", { scope: "row" }, named(row)));
      for (const column of columns) {
        const count = counts.get(`${row} ${column}`) ?? 0;
        const heat = !count ? 0 : isHead(row) || isHead(column) ? "" : Math.min(4, Math.ceil((4 * count) / most));
        const cell = make("td", { class: `h${heat}` });
        if (count) {
          const said = filled(says.together, { row: named(row), column: named(column), count: number.format(count) });
          const button = make("button", { type: "button", "aria-label": said }, number.format(count));
          button.addEventListener("click", () => narrow([row, column, against]));
          cell.append(button);
        } else cell.append("·");
        line.append(cell);
      }
      body.append(line);
    }
    $("crossing").replaceChildren(make("table", {}, make("thead", {}, head), body));
  }

  function narrow(wanted) {
    for (const box of boxes) box.checked = wanted.includes(Number(box.value));
    apply();
    bring("text", true);
  }

  // --- the table ----------------------------------------------------------------------------------------------------

  const columns = [
    ["sentence", (row) => row.sentence.i + 1, true],
    ...(files.some(([name]) => name) ? [["file", (row) => files[row.sentence.file][0], files.length > 1]] : []),
    ...(files.some(([, kind]) => kind) ? [["place", (row) => row.sentence.place || "", true]] : []),
    ["label", (row) => fullName(row.tag.label), true],
    ["probability", (row) => row.tag.p / MILLION, true],
    ["in_doubt", (row) => (row.tag.state === SURE ? "" : "?"), true],
    ["text", (row) => row.sentence.text, true],
  ];
  const table = { by: 0, descending: false, first: 0 };

  function listed() { // the tags that the filters leave, sorted
    const wanted = filter.labels;
    const rows = [];
    for (const sentence of sentences) {
      if (!sentence.shown) continue;
      for (const tag of sentence.tags) {
        if (counted(tag) && (!wanted.length || wanted.some((some) => within(tag, some)))) rows.push({ sentence, tag });
      }
    }
    const value = columns[table.by][1], sign = table.descending ? -1 : 1;
    const compare = (a, b) => (typeof a === "number" && typeof b === "number" ? a - b : collator.compare(a, b));
    return rows.map((row) => [value(row), row]).sort(([a], [b]) => sign * compare(a, b)).map(([, row]) => row);
  }

  function list() {
    const rows = listed();
    table.first = Math.max(0, Math.min(table.first, ROWS * Math.floor((rows.length - 1) / ROWS)));
    const last = Math.min(rows.length, table.first + ROWS);
    $("range").textContent = filled(says.range, { first: number.format(Math.min(rows.length, table.first + 1)), last: number.format(last), all: number.format(rows.length) });
    $("previous").disabled = table.first === 0;
    $("next").disabled = last === rows.length;
    $("tags").tBodies[0].replaceChildren(...rows.slice(table.first, last).map((row) => {
      const line = make("tr");
      for (const [name, value, visible] of columns) {
        if (!visible) continue;
        const figure = name === "probability" ? three.format(value(row)) : String(value(row));
        const shown = name === "sentence" ? make("a", { href: `#s${figure}` }, figure) : make("bdi", {}, figure);
        line.append(make("td", { class: { text: "words", file: "named", probability: "figure" }[name] ?? null }, shown));
      }
      return line;
    }));
  }

  function listHead() {
    const head = make("tr");
    columns.forEach(([name, , visible], i) => {
      if (!visible) return;
      const button = make("button", { type: "button" }, says[name]);
      const cell = make("th", { scope: "col", "aria-sort": i === 0 ? "ascending" : "none" }, button);
      button.addEventListener("click", () => {
        table.descending = table.by === i ? !table.descending : name === "probability";
        Object.assign(table, { by: i, first: 0 });
        for (const other of head.children) other.setAttribute("aria-sort", "none");
        cell.setAttribute("aria-sort", table.descending ? "descending" : "ascending");
        list();
      });
      head.append(cell);
    });
    $("tags").tHead.append(head);
  }

  function csv() { // of all rows, quoted; a cell that a spreadsheet would run as a formula gets an apostrophe before it
    const cell = (value) => {
      const plain = String(value);
      const harmless = data.formula.includes(plain[0] ?? "\0") ? `'${plain}` : plain;
      return `"${harmless.replaceAll('"', '""')}"`;
    };
    const codes = [["category", (row) => labels[category(row.tag.label)].name], ["label", (row) => labels[row.tag.label].name]];
    const told = columns.flatMap((column) => (column[0] === "label" ? codes : [column]));
    const lines = listed().map((row) => told.map(([, value]) => cell(value(row))).join(","));
    return `\ufeff${[told.map(([name]) => cell(name)).join(","), ...lines].join("\n")}\n`;
  }

  function save() {
    const link = make("a", { href: URL.createObjectURL(new Blob([csv()], { type: "text/csv" })), download: "tags.csv" });
    link.click();
    setTimeout(() => URL.revokeObjectURL(link.href), 10000);
  }

  // --- views and events ---------------------------------------------------------------------------------------------

  const tabs = [...document.querySelectorAll("[role=tab]")];

  function bring(view, focus = false) {
    for (const tab of tabs) {
      const front = tab.id === `tab-${view}`;
      tab.setAttribute("aria-selected", String(front));
      tab.tabIndex = front ? 0 : -1;
      $(tab.getAttribute("aria-controls")).hidden = !front;
      if (front && focus) tab.focus();
    }
    refresh();
  }

  for (const [i, tab] of tabs.entries()) {
    tab.addEventListener("click", () => bring(tab.getAttribute("aria-controls")));
    tab.addEventListener("keydown", (event) => {
      const step = { ArrowRight: i + 1, ArrowLeft: i - 1, Home: 0, End: tabs.length - 1 }[event.key];
      if (step === undefined) return;
      event.preventDefault();
      bring(tabs.at(step % tabs.length).getAttribute("aria-controls"), true);
    });
  }
  let waiting = 0;
  $("filters").addEventListener("input", () => { // one pass for the many events of a dragged slider
    cancelAnimationFrame(waiting);
    waiting = requestAnimationFrame(apply);
  });
  $("filters").addEventListener("submit", (event) => event.preventDefault());
  $("filters").addEventListener("reset", () => setTimeout(apply)); // after the fields have been reset
  $("sentences").addEventListener("click", (event) => {
    const chip = event.target.closest(".chip");
    if (!chip) return;
    const open = chip.getAttribute("aria-expanded") === "true";
    closeWhy();
    if (!open) openWhy(chip);
  });
  document.addEventListener("keydown", (event) => { if (event.key === "Escape") closeWhy(true); });
  for (const id of ["rows", "columns", "against"]) $(id).addEventListener("change", cross);
  $("tags").addEventListener("click", (event) => {
    const link = event.target.closest("a");
    if (!link) return;
    event.preventDefault();
    bring("text");
    const item = document.querySelector(link.getAttribute("href"));
    item.tabIndex = -1;
    item.focus();
    item.scrollIntoView();
  });
  $("save").addEventListener("click", save);
  $("previous").addEventListener("click", () => { table.first -= ROWS; list(); });
  $("next").addEventListener("click", () => { table.first += ROWS; list(); });

  // Before the first sentence they would fill more than the screen of a phone.
  $("filters").querySelector("details").open = !matchMedia("(max-width: 60rem)").matches;
  listHead();
  apply();
  buildFrom(0);
}

if ("DecompressionStream" in window) unpacked().then(start);
else $("state").textContent = $("data").dataset.old;
