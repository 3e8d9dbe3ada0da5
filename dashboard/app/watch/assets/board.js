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

function section(group, open, unfolded) {
  const count = group.rows.length + group.lines.length;
  const heading = element("h2", "", group.title);
  if (count) heading.append(" ", element("span", "count", String(count)));
  if (group.note) heading.append(" ", element("span", "note", group.note));
  const made = element("section", `group ${group.key}`, heading);
  if (!count) made.append(element("p", "empty", group.empty));
  if (count) made.append(...list(group, open, unfolded));
  return made;
}

// The first of a long section, and a button that draws the rest at its end and takes the focus there.
function list(group, open, unfolded) {
  const draw = group.is_wide ? row : compactRow;
  const drawers = [...group.rows.map((item) => () => draw(item, open)), ...group.lines.map((item) => () => line(item, open))];
  const items = element("ul", "", ...drawers.slice(0, group.first).map((one) => one()));
  const rest = drawers.slice(group.first);
  if (!rest.length) return [items];
  const button = element("button", "more");
  button.type = "button";
  const unfold = () => {
    const added = rest.map((one) => one());
    items.append(...added);
    unfolded.add(group.key);
    return added[0];
  };
  const fold = () => {
    while (items.children.length > group.first) items.lastChild.remove();
    unfolded.delete(group.key);
  };
  const say = () => {
    const isUnfolded = unfolded.has(group.key);
    button.textContent = isUnfolded ? `Show the first ${group.first} only` : `Show all (${drawers.length})`;
    button.setAttribute("aria-expanded", String(isUnfolded));
    button.setAttribute("aria-label", `${group.title}: ${button.textContent}`);
  };
  button.addEventListener("click", () => {
    if (unfolded.has(group.key)) {
      fold();
      button.scrollIntoView({ block: "nearest" });
    } else {
      const added = unfold();
      added.tabIndex = -1;
      added.focus({ preventScroll: true });
    }
    say();
  });
  if (unfolded.has(group.key)) unfold();
  say();
  return [items, button];
}

const drawn = new WeakMap();
const unfoldedOn = new WeakMap(); // the sections of a board that somebody asked to see whole, kept when it changes

export default function (component) {
  const { data, parentElement, setTriggerValue } = component;
  const board = parentElement.querySelector(".board");
  const version = JSON.stringify(data);
  if (drawn.get(board) === version) return; // a rerun with the same board keeps the focus where it is
  drawn.set(board, version);
  const open = (id) => setTriggerValue("open", id);
  if (!unfoldedOn.has(board)) unfoldedOn.set(board, new Set());
  const unfolded = unfoldedOn.get(board);
  board.setAttribute("aria-label", data.label);
  board.setAttribute("role", "group");
  board.replaceChildren(
    ...data.columns.map((column) => element("div", "column", ...column.map((group) => section(group, open, unfolded)))),
  );
}
