"use strict";
// What the scripts share: the results that the page carries, and words for its numbers.
const page = (() => {
  const results = JSON.parse(document.getElementById("results")?.textContent ?? '{"experiments": []}');

  // An element with attributes (`class`, `aria-label`, …) and children (elements or texts).
  const make = (tag, attributes = {}, ...children) => {
    const element = document.createElement(tag);
    for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, value);
    element.append(...children);
    return element;
  };

  // The figure of an experiment: "curves", "confusion", "network"; null where the templates draw none.
  const figure = (experiment, kind) =>
    document.querySelector(`svg[aria-labelledby="${CSS.escape(`${experiment.id}-${kind}`)}-title"]`)?.closest("figure") ?? null;

  const integer = (number) => number.toLocaleString("en-US");
  const percent = (share, decimals = 2) => `${(share * 100).toFixed(decimals)} %`;
  const loss = (value) => value.toFixed(4);
  const shape = (sizes) => sizes.map(integer).join("×");
  const shortName = (name) => name.split(" {")[0];

  return { results, make, figure, integer, percent, loss, shape, shortName };
})();
