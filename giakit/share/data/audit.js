"use strict";
// Adds sorting and filters to lists; without it the page is whole and only still.
(() => {
  const key = (row, place) => {
    const cell = row.cells[place];
    const given = cell.dataset.sort ?? cell.textContent.trim();
    const number = Number(given.replaceAll(",", ""));
    return given !== "" && Number.isFinite(number) ? number : given;
  };
  const compare = (a, b) => {
    if (typeof a === "number" && typeof b === "number") return a - b;
    if (a === "" || b === "") return (a === "") - (b === "");
    return String(a).localeCompare(String(b), "zh");
  };

  const sortable = (table) => {
    const heads = [...table.tHead.rows[0].cells];
    heads.forEach((head, place) => {
      const button = document.createElement("button");
      button.type = "button";
      button.append(...head.childNodes);
      head.append(button);
      button.addEventListener("click", () => {
        const down = head.getAttribute("aria-sort") === "ascending";
        heads.forEach((other) => other.removeAttribute("aria-sort"));
        head.setAttribute("aria-sort", down ? "descending" : "ascending");
        const body = table.tBodies[0];
        const rows = [...body.rows].map((row) => [key(row, place), row]);
        rows.sort((a, b) => (down ? compare(b[0], a[0]) : compare(a[0], b[0])));
        body.append(...rows.map((entry) => entry[1]));
      });
    });
  };

  const filterable = (table) => {
    const rows = [...table.tBodies[0].rows];
    const controls = document.createElement("div");
    controls.className = "controls";
    const search = document.createElement("input");
    search.type = "search";
    search.placeholder = "Filter";
    search.setAttribute("aria-label", "Filter rows by text");
    const count = document.createElement("span");
    count.className = "count";
    count.setAttribute("role", "status");
    const choices = [];
    [...table.tHead.rows[0].cells].forEach((head, place) => {
      if (!("choose" in head.dataset)) return;
      const values = [...new Set(rows.map((row) => row.cells[place].textContent.trim()))].sort();
      if (values.length < 2) return;
      const select = document.createElement("select");
      select.setAttribute("aria-label", head.textContent);
      select.append(new Option(`${head.textContent}: all`, "*"));
      values.forEach((value) => select.append(new Option(value || "(none)", value)));
      choices.push([select, place]);
    });
    const apply = () => {
      const words = search.value.toLowerCase().split(/\s+/).filter(Boolean);
      let left = 0;
      rows.forEach((row) => {
        const text = row.textContent.toLowerCase();
        const kept = words.every((word) => text.includes(word)) && choices.every(([select, place]) => select.value === "*" || row.cells[place].textContent.trim() === select.value);
        row.hidden = !kept;
        left += kept;
      });
      count.textContent = `${left} of ${rows.length} rows`;
    };
    controls.append(search, ...choices.map((choice) => choice[0]), count);
    controls.addEventListener("input", apply);
    table.closest(".scroll").before(controls);
    apply();
  };

  document.querySelectorAll("table.list").forEach((table) => {
    const rows = table.tBodies[0].rows.length;
    if (rows > 4) filterable(table);
    if (rows > 1) sortable(table);
  });
  let closed = [];
  addEventListener("beforeprint", () => {
    closed = [...document.querySelectorAll("#worst details:not([open])")];
    closed.forEach((part) => (part.open = true));
  });
  addEventListener("afterprint", () => closed.forEach((part) => (part.open = false)));
})();
