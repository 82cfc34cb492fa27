// The review by keyboard and by pointer: a row lights its box, a box its row. Without this file links do the same.
(() => {
  const rows = () => [...document.querySelectorAll(".riga")];
  const boxOf = (row) => document.querySelector(`.riquadro[data-dato="${CSS.escape(row.dataset.dato)}"]`);
  const rowOf = (subject) => rows().find((row) => row.dataset.dato === subject);

  function choose(row, { focus = false } = {}) {
    if (!row) return;
    rows().forEach((each) => each.classList.toggle("scelta", each === row));
    document.querySelectorAll(".riquadro.scelto").forEach((each) => each.classList.remove("scelto"));
    const box = boxOf(row);
    if (box) {
      box.classList.add("scelto");
      reveal(box);
    }
    if (!focus) return;
    row.closest("details.concordi")?.setAttribute("open", "");
    row.querySelector(".nome a").focus({ preventScroll: true });
    row.scrollIntoView({ block: "nearest" });
  }

  // Moves the image inside its own frame, never the page.
  function reveal(box) {
    const frame = document.querySelector(".tavolo");
    const [outer, inner] = [frame.getBoundingClientRect(), box.getBoundingClientRect()];
    if (inner.top < outer.top || inner.bottom > outer.bottom) frame.scrollTop += inner.top - outer.top - outer.height / 3;
    if (inner.left < outer.left || inner.right > outer.right) frame.scrollLeft += inner.left - outer.left - outer.width / 3;
  }

  // One step forwards or backwards among the values that need eyes, from the chosen row wherever it stands.
  function step(direction) {
    const all = rows();
    const open = all.filter((row) => "daGuardare" in row.dataset);
    if (!open.length) return;
    const here = all.findIndex((row) => row.classList.contains("scelta"));
    const beyond = direction > 0 ? open.find((row) => all.indexOf(row) > here) : open.findLast((row) => all.indexOf(row) < here);
    const row = beyond ?? open.at(direction > 0 ? 0 : -1);
    if (boxOf(row) || "carta" in row.dataset) choose(row, { focus: true });
    else window.location.assign(row.querySelector(".nome a").href); // its box is on another page
  }

  function press(settlement) {
    const row = document.querySelector(".riga.scelta");
    const details = row?.querySelector(".definisci");
    if (!details) return;
    details.open = true;
    if (settlement === "accepted") details.querySelector('[value="accepted"]').click();
    else details.querySelector(settlement === "corrected" ? '[name="valore"]' : '[name="nota"]').select();
  }

  document.addEventListener("DOMContentLoaded", () => {
    const chosen = document.querySelector(".riga.scelta");
    if (chosen) choose(chosen);
    document.addEventListener("focusin", (event) => choose(event.target.closest(".riga")));
    document.querySelectorAll(".riquadro").forEach((box) => {
      box.closest("a").addEventListener("click", (event) => {
        event.preventDefault();
        choose(rowOf(box.dataset.dato), { focus: true });
      });
      box.closest("a").addEventListener("focus", () => choose(rowOf(box.dataset.dato)));
    });
  });

  const keys = { n: () => step(1), p: () => step(-1), a: () => press("accepted"), c: () => press("corrected"), r: () => press("rejected") };
  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || event.target.closest("input:not([type=checkbox]), textarea, select")) return;
    const act = keys[event.key];
    if (!act) return;
    event.preventDefault();
    act();
  });
})();
