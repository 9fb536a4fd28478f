/* A plotly figure, as wide as its frame. A finger scrolls the page and does not draw a zoom. */
import { frame, reachable } from "./frame.js";

const touched = () => matchMedia("(pointer: coarse)").matches;

export const plotly = Plotly => frame(async (place, { data = [], layout = {}, frames = [] }) => {
  const { width, ...rest } = layout;
  const own = { ...rest, autosize: true, ...(touched() ? { dragmode: false } : {}) };
  // Drawn by WebGL only for speed; the bundle draws it as SVG.
  const traces = data.map(one => (one.type === "scattergl" ? { ...one, type: "scatter" } : one));
  const config = {
    responsive: true, displaylogo: false, showLink: false, plotlyServerURL: "",
    displayModeBar: true, modeBarButtonsToRemove: ["toImage", "sendChartToCloud"], // a frame may save no file and send none
  };
  await Plotly.newPlot(place, { data: traces, layout: own, frames, config });
  reachable(place.querySelectorAll(".modebar-btn"), button => button.dataset.title ?? "Change the view");
});
