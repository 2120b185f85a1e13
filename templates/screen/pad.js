// A pad to draw on. The trained networks answer what is drawn, or what is shown to them of the test set.
(() => {
  const { make, draw, bytes: unpacked, probability } = page;
  const find = (id) => document.getElementById(id);
  const section = find("try");
  if (!section) return;
  const { assignment, plan, data, experiments } = page.results;
  const [channels, height, width] = plan.input_shape;
  const clamp = (value, low, high) => Math.min(high, Math.max(low, value));

  // --- From strokes to an image. A stroke is a list of points [x, y], 0…1 across the pad; an image is grey bytes. ---

  // Pens, in parts of the side of the box that a digit fills: as thick as the strokes of the images trained on.
  const PEN = 0.13;
  const COARSE_PEN = 0.17;
  const COARSE = 8; // pixels of a side of scikit-learn's digits
  const START = [0.5, 0.2]; // of the pen
  const SMALLEST = 0.25; // of the pad; what is smaller than that is not enlarged to fill the box

  // The line through a stroke's points, its corners rounded.
  const smooth = (points) => {
    const line = [points[0]];
    for (let k = 1; k < points.length - 1; k++) {
      const [from, turn, next] = [line.at(-1), points[k], points[k + 1]];
      const to = k === points.length - 2 ? next : [0, 1].map((axis) => (turn[axis] + next[axis]) / 2);
      for (const t of [0.25, 0.5, 0.75, 1]) {
        line.push([0, 1].map((axis) => (1 - t) ** 2 * from[axis] + 2 * t * (1 - t) * turn[axis] + t ** 2 * to[axis]));
      }
    }
    if (points.length < 3) line.push(points.at(-1));
    return line;
  };

  const distance = (x, y, [a, b], [c, d]) => {
    const [across, down] = [c - a, d - b];
    const length = across ** 2 + down ** 2;
    const at = length ? clamp(((x - a) * across + (y - b) * down) / length, 0, 1) : 0;
    return Math.hypot(x - a - at * across, y - b - at * down);
  };

  // Lines drawn with a round pen in a box of rows × columns, as large as they fit; ink 0…1 a pixel.
  const drawn = (lines, rows, columns, thickness) => {
    const pen = thickness * Math.min(rows, columns);
    const reach = pen / 2 + 0.5;
    const sides = [columns, rows];
    const [low, high] = [Math.min, Math.max].map((most) => sides.map(
      (_, axis) => lines.flat().reduce((found, point) => most(found, point[axis]), lines[0][0][axis])));
    const scale = Math.min(...sides.map((side, axis) => (side - pen) / Math.max(high[axis] - low[axis], SMALLEST)));
    const place = (point) => sides.map((side, axis) => side / 2 + (point[axis] - (low[axis] + high[axis]) / 2) * scale);
    const pixels = new Float32Array(rows * columns);
    for (const line of lines.map((points) => points.map(place))) {
      for (let k = 1; k < line.length; k++) {
        const [from, to] = [line[k - 1], line[k]];
        const [[left, right], [top, bottom]] = sides.map((side, axis) => [
          clamp(Math.floor(Math.min(from[axis], to[axis]) - reach), 0, side),
          clamp(Math.ceil(Math.max(from[axis], to[axis]) + reach), 0, side),
        ]);
        for (let y = top; y < bottom; y++) {
          for (let x = left; x < right; x++) {
            const ink = clamp(reach - distance(x + 0.5, y + 0.5, from, to), 0, 1);
            pixels[y * columns + x] = Math.max(pixels[y * columns + x], ink);
          }
        }
      }
    }
    return pixels;
  };

  // A small square enlarged to rows × columns, linear between the middles of its pixels.
  const enlarged = (small, rows, columns) => Float32Array.from({ length: rows * columns }, (_, k) => {
    const at = (place, side) => clamp(((place + 0.5) * COARSE) / side - 0.5, 0, COARSE - 1);
    const [y, x] = [at(Math.floor(k / columns), rows), at(k % columns, columns)];
    const [top, left] = [Math.min(Math.floor(y), COARSE - 2), Math.min(Math.floor(x), COARSE - 2)];
    const across = (row) => small[row * COARSE + left] * (left + 1 - x) + small[row * COARSE + left + 1] * (x - left);
    return across(top) * (top + 1 - y) + across(top + 1) * (y - top);
  });

  // As the images were made that the networks were trained on. MNIST: a digit fills a box of 20 in 28 pixels, its
  // centre of mass in the middle. The preview: scikit-learn's digits enlarged to that box, and the box in the middle.
  const image = (lines) => {
    const bytes = new Uint8Array(height * width);
    if (!lines.length) return bytes;
    const [rows, columns] = [height, width].map((side) => Math.floor((side * 5) / 7));
    const pixels = plan.preview ? enlarged(drawn(lines, COARSE, COARSE, COARSE_PEN), rows, columns)
      : drawn(lines, rows, columns, PEN);
    const [row, column] = [(k) => Math.floor(k / columns), (k) => k % columns];
    const mass = pixels.reduce((sum, ink) => sum + ink, 0);
    const middle = (where) => pixels.reduce((sum, ink, k) => sum + ink * (where(k) + 0.5), 0) / mass;
    const [down, across] = plan.preview ? [rows / 2, columns / 2] : [middle(row), middle(column)];
    const top = clamp(Math.round(height / 2 - down), 0, height - rows);
    const left = clamp(Math.round(width / 2 - across), 0, width - columns);
    pixels.forEach((ink, k) => { bytes[(top + row(k)) * width + left + column(k)] = Math.round(ink * 255); });
    return bytes;
  };

  // --- The page. ---

  // The card of an experiment: gives a function that puts an answer on it, and says it in a sentence.
  const card = (planned, title) => {
    const rows = planned.classes.map((name) => {
      const [bar, number] = [make("span", { class: "try-bar", "aria-hidden": "true" }), make("span", { class: "number" })];
      return { row: make("li", {}, make("span", { class: "try-class" }, name), bar, number), bar, number };
    });
    const heading = make("h3", { id: `${planned.id}-try` }, title);
    const answer = make("p", { class: "try-answer" });
    const list = make("ul", { "aria-label": "Probability of each class" }, ...rows.map(({ row }) => row));
    const group = make("div", { class: "try-card", role: "group", "aria-labelledby": heading.id }, heading, answer, list);
    find("try-cards").append(group);
    return (pixels, label) => {
      const probabilities = pixels && window.reportgen.predict(planned.id, pixels).probabilities;
      const best = pixels ? probabilities.indexOf(Math.max(...probabilities)) : -1;
      rows.forEach(({ row, bar, number }, index) => {
        row.classList.toggle("try-best", index === best);
        bar.style.setProperty("--share", pixels ? probabilities[index] : 0);
        number.textContent = pixels ? probability(probabilities[index]) : "";
      });
      if (!pixels) {
        answer.textContent = "No answer yet";
        return "";
      }
      const name = planned.classes[best];
      const truth = planned.label_to_class[label];
      const verdict = label === undefined ? "" : best === truth ? "right" : `wrong, it is ${planned.classes[truth]}`;
      answer.replaceChildren("Answer: ", make("b", {}, name), ...(verdict && [make("span", {}, `This is ${verdict}`)]));
      return `${title}: ${[name, probability(probabilities[best]), verdict].filter(Boolean).join(", ")}.`;
    };
  };

  const runs = ({ id }) => {
    try {
      const { probabilities } = window.reportgen.predict(id, new Uint8Array(channels * height * width));
      if (!probabilities.every(Number.isFinite)) throw new RangeError("its weights do not fit it");
      return true;
    } catch (error) {
      console.warn(`${id} can't be tried:`, error);
      return false;
    }
  };
  const titles = new Map(assignment.experiments.map(({ id, short_title: title }) => [id, title]));
  const cards = plan.experiments.filter((planned) => planned.id in page.weights && runs(planned))
    .map((planned) => card(planned, titles.get(planned.id)));
  if (!cards.length) return;

  const samples = [...new Map(experiments.flatMap(({ mistaken }) => mistaken).map((shown) => [shown.index, shown])).values()];
  const labels = data.test_labels.split(" ").map(Number);
  const [pad, seen, which, said] = ["pad", "seen", "which", "said"].map((name) => find(`try-${name}`));
  const ink = draw("path", { class: "try-ink" });
  const ring = draw("circle", { class: "try-pen", r: "0.03" });
  // a test image in the colour of ink: where it is bright, the colour shows through
  const bright = draw("image", { width: 1, height: 1, preserveAspectRatio: "none" });
  const picture = draw("rect", { class: "try-picture", width: 1, height: 1, mask: "url(#try-mask)" });
  const mask = draw("mask", { id: "try-mask" }, bright);
  const sheet = draw("svg", { viewBox: "0 0 1 1", "aria-hidden": "true" }, mask, picture, ink, ring);
  pad.append(sheet);
  [seen.width, seen.height] = [width, height];

  let strokes = [];
  let sample = -1; // which of the samples is shown; -1: none, but what is drawn
  let isDown = false;
  let pointer = null; // the one that draws
  let pen = START;
  let frame = 0;
  let rest = 0;

  const show = () => {
    frame = 0;
    const shown = samples[sample];
    const lines = strokes.map(smooth);
    const drawing = image(lines);
    const size = height * width;
    const pixels = shown ? unpacked(shown.pixels) : Uint8Array.from({ length: channels * size }, (_, k) => drawing[k % size]);
    const isEmpty = !shown && !strokes.length;
    ink.setAttribute("d", lines.map((line) => `M${line.map((point) => point.map((at) => at.toFixed(4))).join("L")}`).join(""));
    ["cx", "cy"].forEach((name, axis) => ring.setAttribute(name, pen[axis]));
    pad.classList.toggle("try-empty", isEmpty);
    pad.classList.toggle("try-down", isDown);
    const colours = new ImageData(width, height);
    for (let k = 0; k < size; k++) {
      colours.data.set([...[0, 1, 2].map((channel) => pixels[(channel % channels) * size + k]), 255], 4 * k);
    }
    seen.getContext("2d").putImageData(colours, 0, 0);
    if (shown) bright.setAttribute("href", seen.toDataURL());
    picture.setAttribute("visibility", shown ? "visible" : "hidden");
    which.textContent = shown ? `Test image ${sample + 1} of ${samples.length}` : "Test images";
    const answers = cards.map((answer) => answer(isEmpty ? null : pixels, shown && labels[shown.index]));
    clearTimeout(rest);
    // said once the pen rests, not at each point
    if (!isDown) rest = setTimeout(() => { said.textContent = [shown ? `${which.textContent}.` : "", ...answers].join(" ").trim(); }, 500);
  };
  const changed = () => { frame ||= requestAnimationFrame(show); };

  const lower = (point) => {
    if (sample >= 0) [sample, strokes] = [-1, []];
    strokes.push([point]);
    isDown = true;
    changed();
  };
  const move = (point) => {
    pen = point;
    const last = strokes.at(-1)?.at(-1);
    if (isDown && Math.hypot(point[0] - last[0], point[1] - last[1]) > 0.004) strokes.at(-1).push(point);
    changed();
  };
  const lift = () => {
    [isDown, pointer] = [false, null];
    changed();
  };
  const renew = (kept, chosen) => {
    [strokes, sample] = [kept, chosen];
    if (!kept.length) pen = START;
    lift();
  };

  const place = (event) => {
    const box = sheet.getBoundingClientRect();
    return [clamp((event.clientX - box.left) / box.width, 0, 1), clamp((event.clientY - box.top) / box.height, 0, 1)];
  };
  pad.addEventListener("pointerdown", (event) => {
    if (event.button || !event.isPrimary) return;
    pad.setPointerCapture(event.pointerId);
    if (isDown) lift();
    pointer = event.pointerId;
    pen = place(event);
    lower(pen);
  });
  pad.addEventListener("pointermove", (event) => {
    if (event.pointerId !== pointer) return;
    const passed = event.getCoalescedEvents?.() ?? [];
    for (const each of passed.length ? passed : [event]) move(place(each));
  });
  for (const name of ["pointerup", "pointercancel"]) {
    pad.addEventListener(name, (event) => { if (event.pointerId === pointer) lift(); });
  }
  pad.addEventListener("blur", () => { if (isDown) lift(); });
  pad.addEventListener("keydown", (event) => {
    const step = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] }[event.key];
    if (event.altKey || event.ctrlKey || event.metaKey || (!step && event.key !== " ")) return;
    event.preventDefault();
    if (step) move(pen.map((at, axis) => clamp(at + step[axis] * 0.05, 0.05, 0.95)));
    else if (!event.repeat) {
      if (isDown) lift();
      else lower(pen);
      said.textContent = isDown ? "Pen down" : "Pen up";
    }
  });
  find("try-undo").addEventListener("click", () => renew(sample < 0 ? strokes.slice(0, -1) : [], -1));
  find("try-clear").addEventListener("click", () => renew([], -1));
  find("try-next").addEventListener("click", () => renew([], (sample + 1) % samples.length));
  find("try-previous").addEventListener("click", () => renew([], (sample > 0 ? sample : samples.length) - 1));

  find("try-samples").hidden = !samples.length;
  find("try-entry").hidden = section.hidden = false;
  show();
})();
