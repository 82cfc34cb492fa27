// A draft is saved while one types; a step is sent only when no saving is under way, so that it never meets itself.
(() => {
  const form = document.querySelector("form[data-bozza]");
  if (!form) return;
  let saving = 0;
  let waiting = null;
  let leaving = false;

  document.addEventListener("htmx:beforeRequest", (event) => {
    if (event.detail.elt !== form) return;
    if (leaving) event.preventDefault();
    else saving += 1;
  });
  document.addEventListener("htmx:afterRequest", (event) => {
    if (event.detail.elt !== form) return;
    saving = Math.max(0, saving - 1);
  });
  document.addEventListener("htmx:afterSettle", () => {
    if (saving === 0 && waiting) {
      const button = waiting;
      waiting = null;
      form.requestSubmit(button);
    }
  });
  form.addEventListener("submit", (event) => {
    if (saving > 0) {
      event.preventDefault();
      waiting = event.submitter;
    } else {
      leaving = true;
    }
  });
  window.addEventListener("pageshow", () => {
    leaving = false;
  });

  // Cells copied from a spreadsheet and pasted into one cell fill the table from there on.
  const table = document.querySelector("table[data-incolla]");
  if (!table) return;
  const controls = (row) => [...row.querySelectorAll("td[data-label] > input, td[data-label] > select")];
  const rows = () => [...table.querySelectorAll("tbody > tr:not(.di-piu)")];

  const isoDate = (text) => {
    const found = text.match(/^(\d{1,2})[/.-](\d{1,2})[/.-](\d{4})$/);
    return found ? `${found[3]}-${found[2].padStart(2, "0")}-${found[1].padStart(2, "0")}` : text;
  };
  const fill = (control, text) => {
    const value = text.trim();
    if (control.tagName === "SELECT") {
      const wanted = value.toLowerCase();
      const known = [...control.options].find((each) => each.value === value || each.text.toLowerCase() === wanted);
      if (known) control.value = known.value;
      return;
    }
    if (control.type === "date" && !/^\d{4}-\d{2}-\d{2}$/.test(isoDate(value))) control.type = "text";
    control.value = control.type === "date" ? isoDate(value) : value;
  };

  table.addEventListener("paste", (event) => {
    const text = event.clipboardData.getData("text/plain");
    if (!text.includes("\t") && !text.trim().includes("\n")) return;
    const first = rows().findIndex((row) => row.contains(event.target));
    const column = controls(rows()[first]).indexOf(event.target);
    const lines = text.replace(/[\r\n]+$/, "").split(/\r?\n/);
    if (column !== 0 || lines.length > rows().length - first) {
      // More rows than the table shows, or a part of it: the import reads all of it, with its own findings.
      if (column === 0) {
        const area = document.getElementById("pasted");
        area.closest("details").open = true;
        area.value = text;
        area.focus();
        event.preventDefault();
      }
      return;
    }
    event.preventDefault();
    lines.forEach((line, index) => {
      const cells = controls(rows()[first + index]);
      line.split("\t").forEach((cell, place) => cells[column + place] && fill(cells[column + place], cell));
    });
    form.dispatchEvent(new Event("change", { bubbles: true }));
  });
})();
