// Choosing a layer in the table of layers opens how its numbers are worked out and marks it in the drawing.
(() => {
  const { results, make, figure, integer, shape } = page;
  const size = (layer, input, side) => {
    const padding = typeof layer.padding === "string" ? null : layer.padding[side];
    const dilation = layer.dilation?.[side] ?? 1;
    if (padding === null || dilation !== 1) return null;
    const over = `${input} + 2·${padding} − ${layer.kernel_size[side]}`;
    const stride = layer.stride[side];
    return stride === 1 ? `${over} + 1` : `⌊(${over}) / ${stride}⌋ + 1`;
  };

  // Lines of [what, how it is worked out] for one layer: as planned, and as counted.
  const worked = (layer, counted) => {
    const lines = [["Shape", `${shape(counted.input_shape)} → ${shape(counted.output_shape)}`]];
    const [, inHeight, inWidth] = counted.input_shape;
    const [, outHeight, outWidth] = counted.output_shape;
    if (layer.kernel_size && layer.stride && !layer.ceil_mode) {
      const high = size(layer, inHeight, 0);
      const wide = size(layer, inWidth, 1);
      if (high) lines.push([high === wide ? "Height and width" : "Height", `${high} = ${outHeight}`]);
      if (wide && high !== wide) lines.push(["Width", `${wide} = ${outWidth}`]);
    }
    lines.push(["Parameters", counted.derivation || "none: there is nothing to learn here"]);
    if (counted.macs) {
      const outputs = counted.output_shape.reduce((product, side) => product * side, 1);
      const each = counted.macs / outputs;
      const how = Number.isInteger(each) ? `${shape(counted.output_shape)} outputs · ${integer(each)} each = ` : "";
      lines.push(["Multiply-accumulates", `${how}${integer(counted.macs)}`]);
    }
    if (counted.buffers) lines.push(["Buffers", `${integer(counted.buffers)} elements, updated and not trained`]);
    return lines;
  };

  for (const [index, experiment] of results.experiments.entries()) {
    const table = document.querySelector(`table.layers[data-experiment="${CSS.escape(experiment.id)}"]`);
    if (!table) continue;
    const rows = [...table.tBodies[0].rows];
    const drawing = figure(experiment, "network")?.querySelector("svg");
    const marks = [...(drawing?.querySelectorAll("[data-layer], [data-window]") ?? [])];
    const marked = (mark) => Number(mark.dataset.layer ?? mark.dataset.window);
    const buttons = rows.map((row, at) => {
      const heading = row.querySelector("th");
      const name = `${experiment.id}-layer-${at}`;
      const button = make("button", { type: "button", class: "layer", "aria-expanded": "false", "aria-controls": name });
      button.append(...heading.childNodes);
      heading.append(button);
      const lines = worked(results.plan.experiments[index].layers[at], experiment.count.layers[at]);
      const list = make("dl", {}, ...lines.flatMap(([what, how]) => [make("dt", {}, what), make("dd", {}, how)]));
      const detail = make("tr", { class: "detail", id: name }, make("td", { colspan: row.cells.length }, list));
      detail.hidden = true;
      row.after(detail);
      return button;
    });

    let chosen = null;
    const choose = (at) => {
      chosen = at;
      buttons.forEach((button, other) => {
        button.setAttribute("aria-expanded", String(other === at));
        document.getElementById(`${experiment.id}-layer-${other}`).hidden = other !== at;
        rows[other].classList.toggle("chosen", other === at);
      });
      for (const mark of marks) mark.classList.toggle("chosen", marked(mark) === at);
      drawing?.classList.toggle("choosing", at !== null);
    };
    buttons.forEach((button, at) => button.addEventListener("click", () => choose(chosen === at ? null : at)));
    drawing?.addEventListener("click", (event) => {
      const at = marked(event.target.closest("[data-layer], [data-window]") ?? drawing);
      if (at in rows) choose(chosen === at ? null : at);
    });
    table.addEventListener("keydown", (event) => event.key === "Escape" && choose(null));
    table.classList.add("chooses");
  }
})();
