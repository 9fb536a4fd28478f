/* plotly with the kinds of its cartesian bundle. */
import Plotly from "plotly.js-cartesian-dist-min";
import { plotly } from "./plotly.js";

plotly(Plotly);
