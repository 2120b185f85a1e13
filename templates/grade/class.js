"use strict";
(() => {
  const table = document.querySelector("table.students");
  if (!table) return;
  const body = table.tBodies[0];
  const rows = [...body.rows];
  const heads = [...table.tHead.rows[0].cells];
  const status = document.querySelector(".filter output");
  const valueOf = (row, column) => row.cells[column].dataset.value ?? row.cells[column].textContent.trim();

  const compare = (one, other, numeric, sign) => {
    if (one === "" || other === "") return (one === "") - (other === "");
    return sign * (numeric ? Number(one) - Number(other) : one.localeCompare(other, undefined, { numeric: true }));
  };

  heads.forEach((head, column) => {
    const button = document.createElement("button");
    button.type = "button";
    button.textContent = head.textContent;
    head.replaceChildren(button);
    const numeric = head.classList.contains("number");
    button.addEventListener("click", () => {
      const direction = head.getAttribute("aria-sort") === "ascending" ? "descending" : "ascending";
      heads.forEach((other) => other.removeAttribute("aria-sort"));
      head.setAttribute("aria-sort", direction);
      const sign = direction === "ascending" ? 1 : -1;
      rows.sort((a, b) => compare(valueOf(a, column), valueOf(b, column), numeric, sign));
      body.append(...rows);
    });
  });

  const field = document.querySelector(".filter input");
  field.addEventListener("input", () => {
    const words = field.value.toLowerCase().split(/\s+/).filter(Boolean);
    rows.forEach((row) => {
      const text = row.textContent.toLowerCase();
      row.hidden = !words.every((word) => text.includes(word));
    });
    status.textContent = `${rows.filter((row) => !row.hidden).length} of ${rows.length} students`;
  });
  document.querySelector(".filter").hidden = false;
})();
