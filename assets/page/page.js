"use strict";
(() => {
  const all = (selector, root = document) => [...root.querySelectorAll(selector)];
  const make = (tag, text, parent) => {
    const element = document.createElement(tag);
    if (text !== undefined) element.textContent = text;
    if (parent) parent.append(element);
    return element;
  };
  const root = document.documentElement;
  const tip = document.getElementById("tip");
  const hidden = new Set();
  const tools = document.querySelector(".tools");
  tools.hidden = false;
  // what is jumped to stands below the bar
  new ResizeObserver(() => { root.style.scrollPaddingTop = `${tools.offsetHeight + 12}px`; }).observe(tools);

  // light and dark
  const system = matchMedia("(prefers-color-scheme: dark)");
  const button = document.getElementById("theme");
  const dark = () => (root.dataset.theme ? root.dataset.theme === "dark" : system.matches);
  const name = () => { button.textContent = dark() ? "Light" : "Dark"; button.setAttribute("aria-label", `Change to ${dark() ? "light" : "dark"} colours`); };
  button.addEventListener("click", () => { root.dataset.theme = dark() ? "light" : "dark"; name(); });
  system.addEventListener("change", name);
  name();

  // policies
  const show = () => {
    for (const element of all("main [data-policy]")) {
      if (!element.closest(".kpis")) element.classList.toggle("off", hidden.has(element.dataset.policy));
    }
    for (const row of all("tr[data-a]")) row.classList.toggle("off", hidden.has(row.dataset.a) || hidden.has(row.dataset.b));
  };
  for (const chip of all(".chip[data-name]")) {
    chip.addEventListener("click", () => {
      const policy = chip.dataset.name;
      if (!hidden.delete(policy)) hidden.add(policy);
      chip.setAttribute("aria-pressed", String(!hidden.has(policy)));
      show();
    });
  }

  // sorting
  const key = (row, column) => {
    const cell = row.cells[column];
    if (!cell) return null;
    if (cell.dataset.v !== undefined) return Number(cell.dataset.v);
    const text = cell.textContent.trim();
    return text === "" || text === "–" ? null : text;
  };
  for (const table of all("table.sort")) {
    for (const head of all("thead th", table)) {
      const control = make("button");
      control.type = "button";
      control.append(...head.childNodes);
      head.append(control);
      control.addEventListener("click", () => {
        const sign = head.getAttribute("aria-sort") === "ascending" ? -1 : 1;
        for (const other of all("thead th", table)) other.removeAttribute("aria-sort");
        head.setAttribute("aria-sort", sign > 0 ? "ascending" : "descending");
        const column = head.cellIndex;
        const rows = [...table.tBodies[0].rows].map((row) => [key(row, column), row]);
        // what is undefined stays last
        rows.sort(([a], [b]) => (a === null) - (b === null) || sign * (a < b ? -1 : a > b ? 1 : 0));
        table.tBodies[0].append(...rows.map(([, row]) => row));
      });
    }
  }

  // what a mark says
  for (const title of all(".chart g > title")) {
    title.parentNode.dataset.says = title.textContent;
    title.remove();
  }
  const number = (value, digits = 3) => {
    if (value === 0 || Math.abs(value) < 1e-12) return "0";
    const power = Math.floor(Math.log10(Math.abs(value)));
    const text = power < -5 ? value.toExponential(digits - 1) : value.toFixed(Math.max(0, digits - 1 - power));
    return text.replace("-", "\u2212");
  };
  const amount = (value, unit) => (unit === "%" ? `${number(100 * value, 2)} %` : `${number(value)}${unit ? ` ${unit}` : ""}`);
  const place = (event) => {
    tip.hidden = false;
    const { width, height } = tip.getBoundingClientRect();
    tip.style.left = `${Math.max(4, Math.min(event.clientX + 14, innerWidth - width - 6))}px`;
    tip.style.top = `${event.clientY + 16 + height > innerHeight ? event.clientY - height - 12 : event.clientY + 16}px`;
  };
  const numbers = (text) => text.trim().split(/[\s,]+/).map(Number);
  const scale = (text, from, to) => {
    const [kind, low, high] = text.split(" ").map((part, i) => (i ? Number(part) : part));
    return (pixel) => {
      const share = (pixel - from) / (to - from);
      return kind === "log" ? low * (high / low) ** share : low + share * (high - low);
    };
  };
  // heights at which the marks of a curve stand over x
  const crossings = (curve, x) => {
    const lines = curve.points ??= (() => {
      const pieces = all("polyline, polygon", curve);
      const ring = pieces.some((piece) => piece.tagName === "polygon");
      const points = pieces.flatMap((piece) => numbers(piece.getAttribute("points")));
      return ring ? points.concat(points.slice(0, 2)) : points;
    })();
    const found = [];
    for (let i = 0; i + 3 < lines.length; i += 2) {
      const [x0, y0, x1, y1] = lines.slice(i, i + 4);
      if (x0 !== x1 && (x0 - x) * (x1 - x) <= 0) found.push(y0 + ((y1 - y0) * (x - x0)) / (x1 - x0));
    }
    return found;
  };
  const read = (plot, x) => {
    const [left, top, right, bottom] = numbers(plot.dataset.plot);
    const toX = scale(plot.dataset.x, left, right);
    const toY = scale(plot.dataset.y, bottom, top);
    const lines = [];
    for (const curve of all("[data-curve]", plot)) {
      const owner = curve.closest("[data-policy]");
      if (curve.closest(".off")) continue;
      const heights = crossings(curve, x);
      if (!heights.length) continue;
      const values = curve.querySelector("polygon") ? [Math.max(...heights), Math.min(...heights)] : [Math.max(...heights)];
      const text = values.map((height) => amount(toY(height), height === values.at(-1) ? plot.dataset.yUnit : "")).join(" to ");
      lines.push([[owner?.dataset.policy, curve.dataset.curve].filter(Boolean).join(", "), text]);
    }
    return lines.length ? { x: `${plot.dataset.xName} ${amount(toX(x), plot.dataset.xUnit)}, ${plot.dataset.yName}:`, lines, top, bottom } : null;
  };
  for (const svg of all("figure.chart svg")) {
    const cross = document.createElementNS("http://www.w3.org/2000/svg", "line");
    cross.setAttribute("class", "cross");
    const leave = () => { tip.hidden = true; cross.remove(); };
    const move = (event) => {
      const said = event.target.closest?.("[data-says]");
      if (said) {
        cross.remove();
        tip.replaceChildren(make("p", said.dataset.says));
        return place(event);
      }
      const point = new DOMPoint(event.clientX, event.clientY).matrixTransform(svg.getScreenCTM().inverse());
      const plot = all("[data-plot]", svg).find((plot) => {
        const [left, top, right, bottom] = numbers(plot.dataset.plot);
        return point.x >= left && point.x <= right && point.y >= top && point.y <= bottom;
      });
      const found = plot && read(plot, point.x);
      if (!found) return leave();
      for (const [attribute, value] of [["x1", point.x], ["x2", point.x], ["y1", found.top], ["y2", found.bottom]]) cross.setAttribute(attribute, value);
      svg.append(cross);
      tip.replaceChildren(make("p", found.x));
      for (const [label, text] of found.lines) {
        const line = make("p", label ? `${label}: ` : "", tip);
        make("b", text, line);
      }
      place(event);
    };
    svg.addEventListener("pointermove", move);
    svg.addEventListener("pointerdown", move);
    svg.addEventListener("pointerleave", leave);
  }
  addEventListener("scroll", () => { tip.hidden = true; }, { passive: true });

  // paper shows what is folded away, but for tables that are files of their own
  addEventListener("beforeprint", () => { for (const details of all("details:not([open], .fileonly)")) { details.open = true; details.dataset.printed = ""; } });
  addEventListener("afterprint", () => { for (const details of all("details[data-printed]")) { details.open = false; delete details.dataset.printed; } });
})();
