/* A Vega or Vega-Lite figure. Its expressions are interpreted, since the frame's policy forbids eval, and
   nothing is loaded: a figure's data are in it. */
import embed from "vega-embed";
import { expressionInterpreter } from "vega-interpreter";
import { frame } from "./frame.js";

const loader = {
  load: async () => { throw new Error("A figure loads nothing."); },
  sanitize: async uri => ({ href: uri }),
  http: async () => "",
  file: async () => "",
};

// Without the version that it was written for: a figure may be older than the library, which would complain.
frame((place, { spec: { $schema, ...spec }, mode }) => embed(place, spec, {
  mode, loader, ast: true, expr: expressionInterpreter, actions: false, renderer: "svg",
}));
