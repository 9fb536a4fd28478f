/* Saved interactive figures: each comes in a frame of its own when the reader is near, in the room that the
   page has kept for it. What stood there stays until the frame says that it has drawn. */
const near = new IntersectionObserver((entries) => {
  for (const { isIntersecting, target } of entries) {
    if (!isIntersecting) continue;
    near.unobserve(target);
    load(target);
  }
}, { rootMargin: "50% 0px" });
for (const box of document.querySelectorAll("[data-frame]")) near.observe(box);

function load(box) {
  const frame = document.createElement("iframe");
  const listen = ({ source, data }) => {
    if (source !== frame.contentWindow) return;
    removeEventListener("message", listen);
    if (data?.figure === "shown") box.dataset.state = "shown";
    else frame.remove();
  };
  addEventListener("message", listen);
  frame.title = box.dataset.title;
  frame.setAttribute("sandbox", "allow-scripts"); // and no origin
  frame.src = box.dataset.frame;
  box.append(frame);
}
