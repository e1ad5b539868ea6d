// Keeps the page as it would be if it were loaded now: when the daemon says that something changed, the page is fetched
// again, and the parts marked data-live that differ are put in place. Nobody's typing, focus or open detail is lost.
"use strict";

const stream = document.body.dataset.stream;
const pause = 1000; // ms between two looks, at least
let wanted = false;
let looking = false;

async function look() {
  if (looking) { wanted = true; return; }
  looking = true;
  try {
    const answer = await fetch(location.pathname, { headers: { Accept: "text/html" } });
    if (answer.redirected || answer.status === 401) { location.reload(); return; }
    if (answer.ok) { update(new DOMParser().parseFromString(await answer.text(), "text/html")); }
  } catch { /* the daemon is away; the stream comes back with it, and looks again */ }
  await new Promise((resolve) => setTimeout(resolve, pause));
  looking = false;
  if (wanted) { wanted = false; look(); }
}

function update(now) {
  const main = document.getElementById("content");
  const fresh = now.getElementById("content");
  if (shape(main) !== shape(fresh) || state(main) !== state(fresh)) { // other parts than before
    if (main.contains(document.activeElement) && document.activeElement.matches("input")) { return; }
    say(fresh);
    main.replaceChildren(...fresh.childNodes);
    return;
  }
  for (const part of fresh.querySelectorAll("[data-live]")) {
    const old = document.getElementById(part.id);
    if (!old || old.innerHTML === part.innerHTML) { continue; }
    if (part.dataset.say !== old.dataset.say) { say(fresh); }
    const focused = old.contains(document.activeElement) ? pathTo(old, document.activeElement) : null;
    old.replaceWith(part.cloneNode(true));
    if (focused) { at(document.getElementById(part.id), focused)?.focus({ preventScroll: true }); }
  }
}

function state(main) { return main.querySelector("[data-state]")?.dataset.state; }

// shape is the order of a page's own parts.
function shape(main) { return [...main.children].map((e) => e.tagName + e.id).join(); }

function say(main) {
  const text = main.querySelector("[data-say]")?.dataset.say;
  const place = document.getElementById("said");
  if (text && place.textContent !== text) { place.textContent = text; }
}

// pathTo and at find the same place in a part's newer copy.
function pathTo(root, node) {
  const path = [];
  for (; node !== root; node = node.parentElement) { path.unshift([...node.parentElement.children].indexOf(node)); }
  return path;
}
function at(root, path) { return path.reduce((node, i) => node?.children[i], root); }

if (stream) {
  const events = new EventSource(stream);
  for (const name of ["job", "entry", "state"]) { events.addEventListener(name, look); }
  events.addEventListener("end", () => { events.close(); look(); });
  let lost = false;
  events.addEventListener("error", () => { lost = true; });
  events.addEventListener("open", () => { if (lost) { lost = false; look(); } });
  addEventListener("pagehide", () => events.close());
}

// The form shows the columns of a chosen table, which the daemon reads from its beginning; the table itself stays where it is until
// the form is sent.
for (const input of document.querySelectorAll("[data-columns]")) {
  const ask = async () => {
    const file = input.files[0];
    if (!file) { return; }
    const said = new FormData(input.form);
    said.delete("table"); // it has to come behind the sheet
    said.set("table", file.slice(0, /\.xls[xm]$/i.test(file.name) ? 16 << 20 : 1 << 20), file.name);
    const answer = await fetch(input.dataset.columns, { method: "POST", body: said });
    if (answer.ok && file === input.files[0]) { document.getElementById("columns").innerHTML = await answer.text(); }
  };
  input.addEventListener("change", ask);
  input.form.elements["data.sheet"]?.addEventListener("change", ask);
}

// Once a person says what is predicted, only the metrics of that can be chosen.
const task = document.querySelector("select[name='data.task']");
function narrow() {
  for (const group of document.querySelectorAll("[data-task]")) { group.disabled = task.value !== "" && task.value !== group.dataset.task; }
}
if (task) { task.addEventListener("change", narrow); narrow(); }
