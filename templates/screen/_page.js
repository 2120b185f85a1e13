"use strict";
// What the scripts share: the results and the weights that the page carries, and words for its numbers.
const page = (() => {
  const carried = (id) => JSON.parse(document.getElementById(id)?.textContent ?? "null");
  const results = carried("results") ?? { experiments: [] };
  const weights = carried("weights");

  // An element with attributes (`class`, `aria-label`, …) and children (elements or texts).
  const fill = (element, attributes, children) => {
    for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, value);
    element.append(...children);
    return element;
  };
  const make = (tag, attributes = {}, ...children) => fill(document.createElement(tag), attributes, children);
  const draw = (tag, attributes = {}, ...children) =>
    fill(document.createElementNS("http://www.w3.org/2000/svg", tag), attributes, children);

  // Bytes that stand in base64.
  const bytes = (text) => Uint8Array.from(atob(text), (letter) => letter.charCodeAt(0));

  // The figure of an experiment: "curves", "confusion", "network"; null where the templates draw none.
  const figure = (experiment, kind) =>
    document.querySelector(`svg[aria-labelledby="${CSS.escape(`${experiment.id}-${kind}`)}-title"]`)?.closest("figure") ?? null;

  const integer = (number) => number.toLocaleString("en-US");
  const percent = (share, decimals = 2) => `${(share * 100).toFixed(decimals)} %`;
  // A network's probability: never 100 % and never 0 %, which none is.
  const probability = (value) => {
    if (value >= 0.9995) return "> 99.9 %";
    return value < 0.0005 ? "< 0.1 %" : percent(value, 1);
  };
  const loss = (value) => value.toFixed(4);
  const shape = (sizes) => sizes.map(integer).join("×");
  const shortName = (name) => name.split(" {")[0];

  return { results, weights, make, draw, bytes, figure, integer, percent, probability, loss, shape, shortName };
})();
