// A slider along the epochs: a line in the charts, and every curve's value at it.
(() => {
  const { results, make, figure, percent, loss } = page;
  const svgElement = (tag, attributes) => {
    const element = document.createElementNS("http://www.w3.org/2000/svg", tag);
    for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, value);
    return element;
  };
  const kinds = [["training", "train"], ["validation", "validation"], ["test", "test"]];

  // The curves of a drawing: open paths with one corner an epoch, left to right, not level. Each as a list of points.
  const curves = (svg, epochs) =>
    [...svg.querySelectorAll("path[fill=none]")]
      .map((path) => path.getAttribute("d"))
      .filter((d) => !/[^ML\d.\s-]/.test(d))
      .map((d) => [...d.matchAll(/[ML]\s*(-?[\d.]+)\s+(-?[\d.]+)/g)].map((match) => [Number(match[1]), Number(match[2])]))
      .filter((points) => points.length === epochs && points.every(([x], at) => at === 0 || x > points[at - 1][0]))
      .filter((points) => points.some(([, y]) => y !== points[0][1]));

  const build = (experiment, drawing) => {
    const { history } = experiment;
    const svg = drawing.querySelector("svg");
    const lines = curves(svg, history.length);
    const shown = kinds.filter(([, key]) => history[0][`${key}_loss`] != null);

    const guide = svgElement("g", { class: "guide" });
    const panels = [...new Set(lines.map((points) => points[0][0]))].map((left) => {
      const inside = lines.filter((points) => points[0][0] === left);
      return { points: inside[0], line: svgElement("path", { fill: "none" }), inside };
    });
    const dots = lines.map(() => svgElement("circle", { r: 3.4 }));
    guide.append(...panels.map((panel) => panel.line), ...dots);
    svg.append(guide);
    const extent = panels.map((panel) => {
      const axes = [...svg.querySelectorAll("clipPath rect")].find((box) => {
        const left = Number(box.getAttribute("x"));
        return left <= panel.points[0][0] && panel.points[0][0] <= left + Number(box.getAttribute("width"));
      });
      if (axes) return [Number(axes.getAttribute("y")), Number(axes.getAttribute("y")) + Number(axes.getAttribute("height"))];
      const heights = panel.inside.flat().map(([, y]) => y);
      return [Math.min(...heights) - 4, Math.max(...heights) + 4];
    });

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
      panels.forEach((panel, index) => panel.line.setAttribute("d", `M ${panel.points[at][0]} ${extent[index][0]} V ${extent[index][1]}`));
      dots.forEach((dot, index) => {
        dot.setAttribute("cx", lines[index][at][0]);
        dot.setAttribute("cy", lines[index][at][1]);
      });
    };
    const point = (event) => {
      const matrix = svg.getScreenCTM();
      if (!matrix || !panels.length) return;
      const { x } = new DOMPoint(event.clientX, event.clientY).matrixTransform(matrix.inverse());
      const near = panels.flatMap((panel) => panel.points.map(([left], at) => [Math.abs(left - x), at]));
      slider.value = near.reduce((best, one) => (one[0] < best[0] ? one : best))[1] + 1;
      read();
    };
    svg.addEventListener("pointermove", point);
    svg.addEventListener("pointerdown", point);
    slider.addEventListener("input", read);
    const control = make("div", { class: "slide" }, make("label", { for: name }, "Epoch"), slider, epoch);
    drawing.querySelector("figcaption").before(make("div", { class: "epochs" }, control, table));
    drawing.classList.add("read");
    read();
  };

  for (const experiment of results.experiments) {
    const drawing = figure(experiment, "curves");
    if (drawing?.querySelector("svg") && experiment.history.length > 1) build(experiment, drawing);
  }
})();
