// Draws the watch board as real elements. Every text is set with textContent, so data can never become markup.

const SVG = "http://www.w3.org/2000/svg";

// A severity is a shape as well as a word and a colour.
const SHAPES = {
  critical: "M8 1 L15 8 L8 15 L1 8 Z",
  warning: "M8 1.5 L15 14 L1 14 Z",
  info: "M2 2 H14 V14 H2 Z",
  normal: "M8 2 A6 6 0 1 1 8 14 A6 6 0 1 1 8 2 Z",
  none: "M2 8 H14",
  error: "M3 3 L13 13 M13 3 L3 13",
};

function element(tag, className, ...children) {
  const made = document.createElement(tag);
  if (className) made.className = className;
  made.append(...children.filter((child) => child !== null && child !== ""));
  return made;
}

function shape(tag, attributes) {
  const made = document.createElementNS(SVG, tag);
  for (const [name, value] of Object.entries(attributes)) made.setAttribute(name, value);
  return made;
}

function mark(tone, hollow) {
  const svg = shape("svg", { viewBox: "0 0 16 16", width: 16, height: 16, "aria-hidden": "true" });
  svg.classList.add("mark", `tone-${tone}`);
  if (hollow) svg.classList.add("hollow");
  svg.append(shape("path", { d: SHAPES[tone] ?? SHAPES.none }));
  return svg;
}

function sparkline(spark, tone) {
  if (!spark) return element("span", "spark");
  const svg = shape("svg", { viewBox: "0 0 100 30", width: 100, height: 30, role: "img", "aria-label": spark.label });
  svg.classList.add("spark", `tone-${tone}`);
  const title = shape("title", {});
  title.textContent = spark.label;
  svg.append(title);
  if (spark.level !== null) {
    svg.append(shape("line", { class: "level", x1: 0, x2: 100, y1: spark.level, y2: spark.level }));
  }
  for (const run of spark.lines) {
    svg.append(shape("polyline", { class: "run", points: run.map((dot) => dot.join(",")).join(" ") }));
  }
  for (const [x, low, high] of spark.bars) {
    svg.append(shape("line", { class: "range", x1: x, x2: x, y1: low, y2: high }));
  }
  for (const [x, y] of spark.dots) svg.append(shape("circle", { class: "dot", cx: x, cy: y, r: 1.8 }));
  return svg;
}

function link(item, open) {
  const anchor = element("a", "title", item.title);
  anchor.href = item.href;
  anchor.addEventListener("click", (event) => {
    if (event.ctrlKey || event.metaKey || event.shiftKey || event.altKey) return; // a new tab, as usual
    event.preventDefault();
    open(item.id);
  });
  return anchor;
}

function pair(className, first, second) {
  return element("div", className, element("div", "first", first), element("div", "second", second));
}

function severity(item) {
  const word = element("span", "word", item.severity);
  return element("div", "severity", mark(item.tone, item.hollow), pair("", word, item.passed_by));
}

function trust(item) {
  return [item.data_state, item.age].filter(Boolean).join(", ");
}

function row(item, open) {
  const said = [item.direction, item.sources].filter(Boolean).join(" · ");
  const made = element(
    "li",
    `row tone-${item.tone}${item.hollow ? " past" : ""}`,
    severity(item),
    pair("what", link(item, open), said),
    pair("figure", item.figure, item.measure),
    pair(item.is_trusted ? "trust" : "trust doubtful", item.period, trust(item)),
    sparkline(item.spark, item.tone),
  );
  if (item.why) made.append(element("div", "second now", `Now not assessed: ${item.why}`));
  return made;
}

function compactRow(item, open) {
  const heading = element("div", "", link(item, open), " ", element("span", "direction", item.direction));
  const first = element("div", "first", heading, element("div", item.is_trusted ? "state" : "state doubtful", trust(item)));
  const said = item.why || [item.figure, item.period, item.sources].filter(Boolean).join(" · ");
  const what = element("div", "what", first, element("div", "second", said));
  return element("li", `row compact tone-${item.tone}${item.hollow ? " past" : ""}`, severity(item), what);
}

function line(item, open) {
  const title = item.href ? link(item, open) : element("strong", "title", item.title);
  return element("li", "line", mark(item.tone, false), element("div", "", title, " ", element("span", "text", item.text)));
}

function section(group, open, fold) {
  const heading = element("h2", "", group.title);
  if (group.count) heading.append(" ", element("span", "count", String(group.count)));
  if (group.note) heading.append(" ", element("span", "note", group.note));
  const made = element("section", `group ${group.key}`, heading);
  if (!group.count) made.append(element("p", "empty", group.empty));
  if (group.count) made.append(...list(group, open, fold));
  return made;
}

// The first of a long section, and a button that asks for the rest.
function list(group, open, fold) {
  const draw = group.is_wide ? row : compactRow;
  const items = element("ul", "", ...group.rows.map((item) => draw(item, open)), ...group.lines.map((item) => line(item, open)));
  if (group.count <= group.first) return [items];
  const button = element("button", "more", group.is_unfolded ? `Show the first ${group.first} only` : `Show all (${group.count})`);
  button.type = "button";
  button.setAttribute("aria-expanded", String(group.is_unfolded));
  button.setAttribute("aria-label", `${group.title}: ${button.textContent}`);
  button.addEventListener("click", () => fold(group.key));
  return [items, button];
}

// After a section was unfolded the first of its added rows takes the focus; after it was folded, its button.
function focusAfterFold(board, group) {
  const drawnSection = board.querySelector(`.group.${group.key}`);
  const target = group.is_unfolded ? drawnSection.querySelector("ul").children[group.first] : drawnSection.querySelector(".more");
  if (!target) return;
  if (group.is_unfolded) target.tabIndex = -1;
  target.focus({ preventScroll: group.is_unfolded });
  if (!group.is_unfolded) target.scrollIntoView({ block: "nearest" });
}

const drawn = new WeakMap();
const folding = new WeakMap(); // by board, the section that somebody has just asked to fold or unfold

export default function (component) {
  const { data, parentElement, setTriggerValue } = component;
  const board = parentElement.querySelector(".board");
  const version = JSON.stringify(data);
  if (drawn.get(board) === version) return; // a rerun with the same board keeps the focus where it is
  drawn.set(board, version);
  const open = (id) => setTriggerValue("open", id);
  const fold = (key) => {
    folding.set(board, key);
    setTriggerValue("fold", key);
  };
  board.setAttribute("aria-label", data.label);
  board.setAttribute("role", "group");
  board.replaceChildren(
    ...data.columns.map((column) => element("div", "column", ...column.map((group) => section(group, open, fold)))),
  );
  const folded = data.columns.flat().find((group) => group.key === folding.get(board));
  folding.delete(board);
  if (folded) focusAfterFold(board, folded);
}
