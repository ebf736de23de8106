// Small comforts on pages that work without them: keys, choosing rows, dropping files, progress.
(() => {
  "use strict";

  const typing = (element) => element.closest("input, select, textarea, [contenteditable]");

  // "/" goes to the search field, j and k walk through a list, Esc closes a menu.
  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    if (event.key === "Escape") document.querySelectorAll("details.menu[open]").forEach((menu) => { menu.open = false; });
    if (typing(event.target)) return;
    if (event.key === "/") {
      const search = document.querySelector("input[type=search]");
      if (search) { event.preventDefault(); search.focus(); search.select(); }
    }
    if (event.key === "j" || event.key === "k") walk(event.key === "j" ? 1 : -1);
  });

  const walk = (step) => {
    const rows = [...document.querySelectorAll("[data-rows] tbody tr")];
    if (!rows.length) return;
    const at = rows.findIndex((row) => row.contains(document.activeElement));
    const next = rows[Math.min(rows.length - 1, Math.max(0, at < 0 ? 0 : at + step))];
    next.querySelector("a.title")?.focus();
  };

  document.addEventListener("click", (event) => {
    document.querySelectorAll("details.menu[open]").forEach((menu) => {
      if (!menu.contains(event.target)) menu.open = false;
    });
    if (event.target.closest("[data-print]")) window.print();
  });

  // A notice is about one company: choosing a row bars the rows of other companies.
  const chosen = (form) => {
    const boxes = [...form.querySelectorAll("input[data-company]")];
    const ticked = boxes.filter((box) => box.checked);
    const company = ticked[0]?.dataset.company;
    boxes.forEach((box) => { box.disabled = Boolean(company) && box.dataset.company !== company; });
    const bar = document.getElementById("selection");
    bar.hidden = !ticked.length;
    bar.querySelector("[data-count]").textContent = ticked.length;
    bar.querySelector("[data-company]").textContent = ticked[0]?.dataset.name ?? "";
  };
  document.addEventListener("change", (event) => {
    if (event.target.matches("#pick input[data-company]")) chosen(event.target.form);
    const drop = event.target.closest("[data-drop]");
    if (drop && event.target.type === "file" && event.target.files.length) send(drop);
    if (event.target.matches("[data-submit]")) event.target.form.requestSubmit();
  });
  document.addEventListener("reset", (event) => {
    if (event.target.id === "pick") setTimeout(() => chosen(event.target));
  });

  // Files: drop or choose, sent at once.
  const send = (drop) => drop.closest("form").requestSubmit();
  for (const name of ["dragenter", "dragover", "dragleave", "drop"]) {
    document.addEventListener(name, (event) => {
      const drop = event.target.closest?.("[data-drop]");
      if (!drop) return;
      event.preventDefault();
      drop.classList.toggle("over", name === "dragenter" || name === "dragover");
      if (name === "drop" && event.dataTransfer.files.length) {
        drop.querySelector("input[type=file]").files = event.dataTransfer.files;
        send(drop);
      }
    });
  }
  document.addEventListener("htmx:xhr:progress", (event) => {
    const bar = event.target.querySelector?.("[data-sending] i");
    if (bar && event.detail.lengthComputable) {
      bar.parentElement.hidden = false;
      bar.style.width = `${(100 * event.detail.loaded) / event.detail.total}%`;
    }
  });
  document.addEventListener("htmx:afterRequest", (event) => {
    const form = event.target.closest?.("form[data-upload]");
    if (!form) return;
    form.reset();
    const bar = form.querySelector("[data-sending]");
    bar.hidden = true;
    bar.querySelector("i").style.width = "0";
  });

  // What went wrong on the way is said, not swallowed.
  const say = (event) => {
    const place = document.getElementById("working");
    place.textContent = "";
    const box = document.createElement("div");
    box.className = "alert alert-error m-3";
    box.style.pointerEvents = "auto";
    const number = event.detail.xhr?.status;
    box.textContent = document.documentElement.lang === "en"
      ? `That did not work (${number || "no connection"}). Please try again.`
      : `操作没有成功（${number || "网络中断"}），请重试。`;
    place.append(box);
    setTimeout(() => box.remove(), 6000);
  };
  document.addEventListener("htmx:responseError", say);
  document.addEventListener("htmx:sendError", say);

  // The chosen cell of a grid stays marked while its panel is open.
  document.addEventListener("htmx:afterSwap", (event) => {
    const cell = event.detail.requestConfig?.elt;
    if (!cell?.matches?.("a.cell")) return;
    document.querySelectorAll("a.cell[aria-current]").forEach((other) => other.removeAttribute("aria-current"));
    cell.setAttribute("aria-current", "true");
  });
})();
