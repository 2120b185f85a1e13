// The confusion matrix as a grid to walk in: each cell tells its share and shows test images that are behind it.
(() => {
  const { results, make, bytes, figure, integer, percent, probability, shortName } = page;
  const [channels, height, width] = results.plan?.input_shape ?? [];
  const FEW = 5; // so many cells can stand out, no more
  const steps = { ArrowUp: [-1, 0], ArrowDown: [1, 0], ArrowLeft: [0, -1], ArrowRight: [0, 1] };

  // Stored pixels, channel after channel, as a picture; ink dark on light where there is but one channel.
  const picture = (pixels, label) => {
    const canvas = make("canvas", { width, height, role: "img", "aria-label": label });
    const values = bytes(pixels);
    const context = canvas.getContext("2d");
    const image = context.createImageData(width, height);
    const size = width * height;
    for (let at = 0; at < size; at++) {
      for (let channel = 0; channel < 3; channel++) {
        image.data[4 * at + channel] = channels === 1 ? 255 - values[at] : values[channel * size + at];
      }
      image.data[4 * at + 3] = 255;
    }
    context.putImageData(image, 0, 0);
    if (channels === 1) canvas.classList.add("ink");
    return canvas;
  };

  // A share of a class in a cell, as the figure prints it.
  const small = (share) => (share > 0 && share < 0.0005 ? "< 0.1 %" : percent(share, 1));

  // Test images that are kept of a cell, with their pixels.
  const behind = (experiment, row, column) =>
    (experiment.samples?.length ? experiment.samples : experiment.mistaken)
      .filter((entry) => entry.true === row && entry.predicted === column)
      .map((entry) => ({ ...entry, pixels: entry.pixels ?? results.images?.[entry.index] }))
      .filter((entry) => entry.pixels);

  // The errors that the figure outlines: the three most frequent and their equals, but fewer rather than many equals.
  const frequent = (counts) => {
    const sorted = counts.filter(Boolean).sort((one, other) => other - one);
    const least = sorted[Math.min(3, sorted.length) - 1] ?? Infinity;
    return sorted.filter((count) => count >= least).length <= FEW ? least : least + 1;
  };

  const build = (experiment, title, drawing) => {
    const { confusion, classes } = experiment.score;
    const names = classes.map((entry) => shortName(entry.name));
    const numbers = classes.map((_, index) => index);
    const errors = numbers.flatMap((row) => numbers.filter((column) => column !== row).map((column) => [row, column]));
    const share = ([row, column]) => (classes[row].support ? confusion[row][column] / classes[row].support : 0);
    const worst = errors.reduce((most, cell) => Math.max(most, share(cell)), 0) || 1;
    const standsOut = frequent(errors.map(([row, column]) => confusion[row][column]));
    const largest = errors.reduce((most, [r, c]) => (confusion[r][c] > confusion[most[0]][most[1]] ? [r, c] : most), [0, 1]);

    const button = (row, column) => {
      const count = confusion[row][column];
      const said = row === column ? `${names[row]} classified correctly` : `${names[row]} taken for ${names[column]}`;
      const cell = make("button", { type: "button", tabindex: "-1", "aria-label": `${integer(count)}: ${said}` });
      cell.append(make("span", { class: "count" }, ...integer(count).split(/(,)/).map((part) => (part === "," ? make("i", {}, ",") : part))));
      if (count) cell.append(make("span", { class: "share" }, small(share([row, column]))));
      cell.className = row === column ? "right" : count ? "wrong" : "none";
      if (row !== column && count >= standsOut) cell.classList.add("frequent");
      if (row !== column && count) cell.style.setProperty("--depth", (share([row, column]) / worst).toFixed(3));
      return cell;
    };
    const cells = numbers.map((row) => numbers.map((column) => button(row, column)));
    const head = numbers.map((column) => make("th", { scope: "col" }, make("span", {}, names[column])));
    const body = numbers.map((row) =>
      make("tr", {}, make("th", { scope: "row" }, names[row]), ...cells[row].map((cell) => make("td", { "aria-selected": "false" }, cell)))
    );
    const grid = make(
      "table",
      { role: "grid", "aria-label": `Confusion matrix of ${title}: true class in rows, predicted class in columns` },
      make("caption", { "aria-hidden": "true" }, "True class in rows, predicted class in columns"),
      make("thead", {}, make("tr", {}, make("td", { class: "corner" }), ...head)),
      make("tbody", {}, ...body)
    );
    grid.style.setProperty("--classes", names.length);
    grid.classList.toggle("tall", names.length > 6 && names.some((name) => name.length > 3));

    const said = make("p", { class: "said", "aria-live": "polite" });
    const digits = make("ul", { class: "digits" });
    const note = make("p", { class: "note" });
    const readout = make("div", { class: "readout" }, said, digits, note);
    const help = make("p", { class: "help" }, "Point at a cell, tap it, or walk with the arrow keys; Escape closes it.");

    const show = (cell) => {
      digits.replaceChildren();
      note.textContent = "";
      said.replaceChildren();
      for (const marked of grid.querySelectorAll(".crossed")) marked.classList.remove("crossed");
      readout.classList.toggle("empty", !cell);
      if (!cell) {
        said.append("No cell is chosen.");
        return;
      }
      const [row, column] = cell;
      const count = confusion[row][column];
      head[column].classList.add("crossed");
      body[row].firstChild.classList.add("crossed");
      said.append(
        make("b", {}, row === column ? `${names[row]} classified correctly` : `${names[row]} taken for ${names[column]}`),
        count
          ? ` ${integer(count)} of the ${integer(classes[row].support)} test images of ${names[row]}: ${percent(share(cell))}.`
          : ` None of the ${integer(classes[row].support)} test images of ${names[row]}.`
      );
      const kept = behind(experiment, row, column);
      for (const entry of kept) {
        const chance = probability(entry.probability);
        digits.append(
          make(
            "li",
            {},
            picture(entry.pixels, `Test image ${entry.index}: ${names[row]}, ${chance} for ${names[column]}`),
            make("span", { "aria-hidden": "true" }, chance)
          )
        );
      }
      if (kept.length) {
        const shown = kept.length < count ? `${kept.length} of ${integer(count)}` : count === 1 ? "The one image" : `All ${count}`;
        const order = row === column ? "" : kept.length < count ? ", the most confident" : "";
        note.textContent = `${shown}${order}; under each, the probability that the network gave to ${names[column]}.`;
      } else if (count) note.textContent = "No image of this cell is kept in the report.";
    };

    let chosen = null;
    let tabbed = largest;
    const choose = (cell) => {
      if (chosen) cells[chosen[0]][chosen[1]].parentElement.setAttribute("aria-selected", "false");
      chosen = cell;
      if (cell) {
        cells[tabbed[0]][tabbed[1]].tabIndex = -1;
        tabbed = cell;
        cells[cell[0]][cell[1]].tabIndex = 0;
        cells[cell[0]][cell[1]].parentElement.setAttribute("aria-selected", "true");
      }
      show(cell);
    };
    const at = (target) => {
      const cell = target.closest?.("td:not(.corner)");
      return cell ? [cell.parentElement.rowIndex - 1, cell.cellIndex - 1] : null;
    };
    grid.addEventListener("focusin", (event) => choose(at(event.target)));
    grid.addEventListener("click", (event) => at(event.target) && choose(at(event.target)));
    grid.addEventListener("pointerover", (event) => show(at(event.target) ?? chosen));
    grid.addEventListener("pointerleave", () => show(chosen));
    grid.addEventListener("keydown", (event) => {
      const last = numbers.length - 1;
      const [row, column] = tabbed;
      const step = steps[event.key];
      let to = step && [Math.min(last, Math.max(0, row + step[0])), Math.min(last, Math.max(0, column + step[1]))];
      if (event.key === "Home") to = [event.ctrlKey ? 0 : row, 0];
      if (event.key === "End") to = [event.ctrlKey ? last : row, last];
      if (!to) return;
      event.preventDefault();
      cells[to[0]][to[1]].focus();
    });
    document.addEventListener("keydown", (event) => event.key === "Escape" && (chosen || grid.matches(":hover")) && choose(null));

    drawing.classList.add("walked");
    drawing.prepend(make("div", { class: "matrix" }, make("div", { class: "scroller" }, grid), readout), help);
    choose(largest);
  };

  for (const [index, experiment] of results.experiments.entries()) {
    const drawing = figure(experiment, "confusion");
    if (drawing) build(experiment, results.assignment.experiments[index].short_title, drawing);
  }
})();
