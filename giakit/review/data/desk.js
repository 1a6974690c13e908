// One desk for notebooks and for a page of its own. Text from documents comes as text or as HTML that Python escaped.
function render({ model, el }) {
  const box = document.createElement("div");
  box.className = "giakit-desk";
  box.tabIndex = 0;
  // JupyterLab looks for this on the element that has the focus, not on those around it.
  box.setAttribute("data-lm-suppress-shortcuts", "true");
  box.innerHTML =
    '<div class="bar"><b class="title"></b><span class="progress"></span></div>' +
    '<div class="bar"><progress></progress></div><ul class="findings"></ul><ol class="suggestions"></ol>' +
    '<div class="bar"><span class="entry"></span><span class="decided"></span><span class="message" role="status"></span></div>' +
    '<div class="sides"><div class="left"></div><div class="right"></div></div><div class="keys"></div>';
  el.appendChild(box);
  const part = (name) => box.querySelector(name);
  let entry = "", waiting = null;

  const list = (name, lines) =>
    part(name).replaceChildren(...lines.map((line) => Object.assign(document.createElement("li"), { textContent: line })));
  const draw = () => {
    const view = model.get("view");
    part(".title").textContent = view.title;
    part(".progress").textContent = view.progress;
    part("progress").max = Math.max(view.total, 1);
    part("progress").value = view.done;
    list(".findings", view.findings);
    list(".suggestions", view.suggestions);
    part(".decided").textContent = view.decided ? "decided: " + view.decided : "";
    part(".message").textContent = view.message;
    part(".keys").textContent = view.keys;
    part(".left").innerHTML = view.left;
    part(".right").innerHTML = view.right;
    part(".entry").textContent = entry;
    const framed = part(".left .framed");
    if (framed) part(".left").scrollTop = framed.offsetTop - 120;
  };
  const send = (action, figure = "") => {
    entry = "";
    model.send({ action, figure });
  };
  const settle = () => {
    clearTimeout(waiting);
    waiting = null;
    send("take", entry);
  };
  const press = (key) => {
    const digit = /^[0-9.]$/.test(key);
    // "1" alone takes the first suggestion, "12" is a figure: a moment decides, or the next key. Enter on a lone 1 takes it too.
    if (waiting !== null && !(digit && entry !== "")) {
      settle();
      if (key === "Enter") return;
    } else if (waiting !== null) {
      clearTimeout(waiting);
      waiting = null;
    }
    if (digit) {
      const offered = model.get("view").suggestions.length;
      const first = entry === "";
      entry += key;
      if (first && key >= "1" && Number(key) <= offered) waiting = setTimeout(settle, 400);
    } else if (key === "Backspace") entry = entry.slice(0, -1);
    else if (key === "Escape") entry = "";
    else if (key === "Enter") return entry === "" ? send("keep") : send("enter", entry);
    else if (key === "/") return send("blank");
    else if (key === "s") return send("skip");
    else if (key === "u") return send("undo");
    else if (key === "j") return send("next");
    else if (key === "k") return send("back");
    part(".entry").textContent = entry;
  };
  box.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || event.key === "Tab") return;
    event.stopPropagation();
    event.preventDefault();
    press(event.key);
  });
  model.on("change:view", draw);
  draw();
  setTimeout(() => box.focus({ preventScroll: true }), 50);
}
const desk = { render };
export default desk;
