// A slider along the epochs: a line in the charts, and every curve's value at it.
(() => {
  const { results, make, draw, figure, percent, loss } = page;
  const kinds = [["training", "train"], ["validation", "validation"], ["test", "test"]];

  // The panels of a drawing: how high each is, and where the markers of its series stand, epoch by epoch.
  const panelsOf = (svg, epochs) =>
    [...svg.querySelectorAll("[data-panel]")].map((panel) => {
      const series = [...panel.querySelectorAll("[data-series]")].map((line) =>
        epochs.map((epoch) => {
          const box = line.querySelector(`[data-epoch="${epoch}"]`)?.getBBox();
          return box ? [box.x + box.width / 2, box.y + box.height / 2] : null;
        })
      );
      const drawn = [...panel.querySelectorAll("path")].map((path) => path.getBBox());
      const top = Math.min(...drawn.map((box) => box.y));
      return { series, top, bottom: Math.max(...drawn.map((box) => box.y + box.height)) };
    });

  const build = (experiment, drawing) => {
    const { history } = experiment;
    const svg = drawing.querySelector("svg");
    const shown = kinds.filter(([, key]) => history[0][`${key}_loss`] != null);

    const panels = panelsOf(svg, history.map((record) => record.epoch));
    const lines = panels.map(() => draw("path", { fill: "none" }));
    const dots = panels.map((panel) => panel.series.map(() => draw("circle", { r: 3.2 })));
    const guide = draw("g", { class: "guide" });
    guide.append(...lines, ...dots.flat());
    if (panels.length) svg.append(guide);

    const name = `${experiment.id}-epoch`;
    const slider = make("input", { type: "range", id: name, min: 1, max: history.length, step: 1, value: experiment.chosen_epoch });
    const epoch = make("output", { for: name });
    const cells = shown.map(() => ({ accuracy: make("td"), loss: make("td") }));
    const rows = shown.map(([said], at) =>
      make("tr", {}, make("th", { scope: "row" }, make("span", { class: `swatch ${said}`, "aria-hidden": "true" }), said), cells[at].accuracy, cells[at].loss)
    );
    const table = make(
      "table",
      {},
      make("thead", {}, make("tr", {}, ...["", "Accuracy", "Loss"].map((said) => (said ? make("th", { scope: "col" }, said) : make("td"))))),
      make("tbody", {}, ...rows)
    );

    const read = () => {
      const at = Number(slider.value) - 1;
      const record = history[at];
      epoch.textContent = `${record.epoch} of ${history.length}${record.epoch === experiment.chosen_epoch ? ", kept" : ""}`;
      shown.forEach(([, key], index) => {
        cells[index].accuracy.textContent = percent(record[`${key}_accuracy`]);
        cells[index].loss.textContent = loss(record[`${key}_loss`]);
      });
      const values = shown.map(([said, key]) => `${said} ${percent(record[`${key}_accuracy`])}, loss ${loss(record[`${key}_loss`])}`);
      slider.setAttribute("aria-valuetext", `Epoch ${epoch.textContent}: ${values.join("; ")}`);
      panels.forEach((panel, index) => {
        const points = panel.series.map((places) => places[at]);
        const x = points.find(Boolean)?.[0];
        lines[index].setAttribute("d", x === undefined ? "" : `M ${x} ${panel.top} V ${panel.bottom}`);
        points.forEach((point, series) => {
          dots[index][series].setAttribute("visibility", point ? "visible" : "hidden");
          dots[index][series].setAttribute("cx", point?.[0] ?? 0);
          dots[index][series].setAttribute("cy", point?.[1] ?? 0);
        });
      });
    };
    const places = panels.flatMap((panel) => panel.series.slice(0, 1).flatMap((points) => points.map((point, at) => [point?.[0], at])));
    const point = (event) => {
      const matrix = svg.getScreenCTM();
      if (!matrix || !places.length) return;
      const { x } = new DOMPoint(event.clientX, event.clientY).matrixTransform(matrix.inverse());
      const nearest = places.reduce((best, one) => (Math.abs(one[0] - x) < Math.abs(best[0] - x) ? one : best));
      slider.value = nearest[1] + 1;
      read();
    };
    svg.addEventListener("pointermove", point);
    svg.addEventListener("pointerdown", point);
    slider.addEventListener("input", read);
    const control = make("div", { class: "slide" }, make("label", { for: name }, "Epoch"), slider, epoch);
    drawing.querySelector("figcaption").before(make("div", { class: "reading" }, control, table));
    drawing.classList.add("read");
    read();
  };

  for (const experiment of results.experiments) {
    const drawing = figure(experiment, "curves");
    if (drawing?.querySelector("svg") && experiment.history.length > 1) build(experiment, drawing);
  }
})();
