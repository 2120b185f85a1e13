// The contents follow the reading: its section is marked, opened to its own headings, and a bar on phones names it.
(() => {
  const { make } = page;
  const contents = document.querySelector(".contents");
  const list = contents?.querySelector("ol");
  if (!list) return;
  const title = contents.querySelector("h2");
  list.id ||= "contents-list";

  const here = make("span", { class: "here" });
  const toggle = make("button", { type: "button", "aria-expanded": "false", "aria-controls": list.id, class: "toggle" });
  toggle.append(make("span", {}, title.textContent), here);
  title.after(toggle);
  contents.classList.add("following");
  const open = (wanted) => {
    toggle.setAttribute("aria-expanded", String(wanted));
    contents.classList.toggle("open", wanted);
  };
  toggle.addEventListener("click", () => open(toggle.getAttribute("aria-expanded") === "false"));
  contents.addEventListener("keydown", (event) => {
    if (event.key !== "Escape" || !contents.classList.contains("open")) return;
    open(false);
    toggle.focus();
  });
  contents.addEventListener("focusout", (event) => {
    if (!contents.contains(event.relatedTarget)) open(false);
  });
  document.addEventListener("pointerdown", (event) => {
    if (!contents.contains(event.target)) open(false);
  });
  list.addEventListener("click", (event) => {
    if (event.target.closest("a")) open(false);
  });

  const links = new Map([...list.querySelectorAll("a")].map((link) => [link.hash.slice(1), link]));
  const headings = [...links.keys()].map((id) => document.getElementById(id)).filter(Boolean);
  let marked = null;
  const mark = () => {
    const atEnd = innerHeight + scrollY >= document.documentElement.scrollHeight - 2;
    const shown = headings.filter((heading) => heading.getClientRects().length);
    const passed = shown.filter((heading) => atEnd || heading.getBoundingClientRect().top < innerHeight * 0.3);
    const current = passed.length ? links.get(passed[passed.length - 1].id) : null;
    if (current === marked) return;
    for (const item of list.querySelectorAll(".current")) item.classList.remove("current");
    marked?.removeAttribute("aria-current");
    current?.setAttribute("aria-current", "location");
    for (let item = current?.closest("li"); item; item = item.parentElement.closest("li")) item.classList.add("current");
    here.textContent = list.querySelector(":scope > .current > a")?.textContent ?? "";
    marked = current;
    const box = current?.getBoundingClientRect();
    const frame = list.getBoundingClientRect();
    if (box && (box.bottom > frame.bottom || box.top < frame.top)) list.scrollTop += box.top - frame.top - frame.height / 3;
  };
  addEventListener("scroll", mark, { passive: true });
  addEventListener("resize", mark, { passive: true });
  mark();
})();
