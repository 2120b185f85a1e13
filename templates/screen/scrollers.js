// What is too wide for the screen scrolls in a frame of its own: reachable by keyboard, and only then a stop.
(() => {
  const name = (box) => {
    const heading = [...document.querySelectorAll("h2, h3, h4")]
      .filter((title) => title.compareDocumentPosition(box) & Node.DOCUMENT_POSITION_FOLLOWING)
      .pop();
    return box.querySelector("caption, figcaption b")?.textContent || heading?.textContent || "Table";
  };
  for (const drawing of document.querySelectorAll("figure > svg")) {
    const frame = page.make("div", { class: "scroller" });
    drawing.before(frame);
    frame.append(drawing);
  }
  const boxes = [...document.querySelectorAll(".table, .scroller")];
  const fit = (box) => {
    const wide = box.scrollWidth > box.clientWidth + 1;
    box.classList.toggle("wide", wide);
    if (!wide) {
      for (const attribute of ["tabindex", "role", "aria-label"]) box.removeAttribute(attribute);
      return;
    }
    box.tabIndex = 0;
    box.setAttribute("role", "group");
    box.setAttribute("aria-label", labels.get(box));
  };
  const labels = new Map(boxes.map((box) => [box, box.getAttribute("aria-label") ?? name(box)]));
  const watch = new ResizeObserver((entries) => entries.forEach((entry) => fit(entry.target)));
  for (const box of boxes) watch.observe(box);
})();
