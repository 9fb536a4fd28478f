/* Two pictures of one size under a slider: a native range lies over them, and the stylesheet cuts the second
   where it stands. A browser that can't tell the stylesheet that scripts run shows them beside each other. */
if (matchMedia("(scripting: enabled)").matches) {
  for (const box of document.querySelectorAll("[data-compare]")) {
    const [first, second] = [...box.querySelectorAll(".tag")].map((label) => label.textContent);
    const range = document.createElement("input");
    Object.assign(range, { type: "range", min: 0, max: 100, step: 0.5, value: 50 });
    range.setAttribute("aria-label", `Compare ${first} with ${second}`);
    const say = () => {
      box.style.setProperty("--at", `${range.value}%`);
      range.setAttribute("aria-valuetext", `${Math.round(range.value)} % ${first}`);
    };
    range.addEventListener("input", say);
    say();
    box.append(range);
  }
}
