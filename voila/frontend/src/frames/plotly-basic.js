/* plotly with the kinds of its basic bundle. */
import Plotly from "plotly.js-basic-dist-min";
import { plotly } from "./plotly.js";

plotly(Plotly);
