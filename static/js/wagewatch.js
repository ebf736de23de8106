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

  // A second click does not send a form twice. The page may come back from the browser's cache.
  document.addEventListener("submit", (event) => {
    const form = event.target;
    if (form.method !== "post" || form.hasAttribute("hx-post")) return;
    if (form.dataset.sent) { event.preventDefault(); return; }
    form.dataset.sent = "1";
  });
  window.addEventListener("pageshow", () => {
    document.querySelectorAll("form[data-sent]").forEach((form) => { delete form.dataset.sent; });
  });

  // Files: drop or choose, sent at once, each by itself with a row of its own; two at a time.
  const english = document.documentElement.lang === "en";
  const waiting = [];
  let sending = 0;
  const send = (drop) => {
    const form = drop.closest("form");
    for (const file of form.querySelector("input[type=file]").files) {
      const row = document.getElementById("sending").content.firstElementChild.cloneNode(true);
      row.querySelector("[data-name]").textContent = file.name;
      document.querySelector(form.dataset.upload).prepend(row);
      const data = new FormData(form);
      data.set("files", file);
      const one = { form, data, row };
      row.querySelector("[data-again]").addEventListener("click", () => queue(one));
      queue(one);
    }
    form.querySelector("input[type=file]").value = "";
  };
  const queue = (one) => {
    one.row.querySelector("[data-again]").hidden = true;
    one.row.querySelector("[data-said]").textContent = "";
    one.row.querySelector("[data-wait]").hidden = false;
    waiting.push(one);
    next();
  };
  const next = () => {
    while (sending < 2 && waiting.length) post(waiting.shift());
  };
  const post = ({ form, data, row }) => {
    const bar = row.querySelector(".bar");
    const request = new XMLHttpRequest();
    sending += 1;
    row.querySelector("[data-wait]").hidden = true;
    request.upload.addEventListener("progress", (event) => {
      const percent = event.lengthComputable ? Math.round((100 * event.loaded) / event.total) : 0;
      bar.setAttribute("aria-valuenow", percent);
      bar.firstElementChild.style.width = `${percent}%`;
    });
    request.addEventListener("loadend", () => {
      sending -= 1;
      if (request.status === 200) {
        const made = document.createElement("div");
        made.innerHTML = request.responseText;
        const done = made.firstElementChild;
        row.replaceWith(done);
        window.htmx.process(done);
      } else {
        bar.firstElementChild.style.width = "0";
        const number = request.status;
        row.querySelector("[data-said]").textContent = number === 413
          ? (english ? "The file is too large." : "文件过大。")
          : english
            ? `Not sent (${number || "no connection"}).` : `未能发送（${number || "网络中断"}）。`;
        row.querySelector("[data-again]").hidden = false;
      }
      next();
    });
    request.open("POST", form.action);
    request.setRequestHeader("HX-Request", "true");
    request.send(data);
  };
  window.addEventListener("beforeunload", (event) => { if (sending) event.preventDefault(); });
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
  // What went wrong on the way is said, not swallowed.
  const say = (event) => {
    const place = document.getElementById("working");
    place.textContent = "";
    const box = document.createElement("div");
    box.className = "alert alert-error m-3";
    box.style.pointerEvents = "auto";
    const number = event.detail.xhr?.status;
    box.textContent = english
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

  // A pay sheet entered on line: net and total as one types; Enter and the arrows go down a column.
  const plain = (text) => Number((text ?? "").replace(/[,，\s]/g, "") || 0);
  const sum = (form) => {
    let total = 0;
    form.querySelectorAll("[data-row]").forEach((row) => {
      const gross = row.querySelector("[data-gross]").value;
      const net = plain(gross) - plain(row.querySelector("[data-deductions]").value);
      row.querySelector("[data-net]").textContent = gross && !Number.isNaN(net) ? net.toFixed(2) : "";
      if (gross && !Number.isNaN(net)) total += net;
    });
    form.querySelector("[data-total]").textContent = total.toFixed(2);
  };
  document.querySelectorAll("form[data-entry]").forEach((form) => {
    sum(form);
    form.addEventListener("input", () => sum(form));
    form.addEventListener("keydown", (event) => {
      const step = { Enter: 1, ArrowDown: 1, ArrowUp: -1 }[event.key];
      if (!step || !event.target.matches("[data-row] input")) return;
      event.preventDefault();
      const name = event.target.name.split("-")[0];
      const column = [...form.querySelectorAll(`[data-row] input[name^="${name}-"]`)];
      const next = column[column.indexOf(event.target) + step];
      next?.focus();
      next?.select();
    });
  });
})();
