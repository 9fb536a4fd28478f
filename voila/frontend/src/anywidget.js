/* anywidget: a widget whose view is an ES module of its author's (https://anywidget.dev, its AFM). The module is a
   file of this site, named by its digest, so that the page needs neither blob: nor eval. */
import { DOMWidgetModel, DOMWidgetView } from "@jupyter-widgets/base";
import { wear } from "./adopted.js";
import { unique } from "./wire.js";

const FOLDER = "/live/rest/modules/";
const PATIENCE = 10_000; // ms for an answer to invoke()

const worn = new Set(); // stylesheets' texts
const started = new WeakMap(); // model -> a promise of its author's `{initialize, render}`, initialised

export class AnyModel extends DOMWidgetModel {
  defaults() {
    return {
      ...super.defaults(), _model_name: "AnyModel", _view_name: "AnyView", _model_module: "anywidget",
      _view_module: "anywidget", _esm: "", _css: "",
    };
  }

  initialize(attributes, options) {
    super.initialize(attributes, options);
    dress(this.get("_css"));
    this.on("change:_css", () => dress(this.get("_css")));
    const begun = start(this);
    begun.catch(() => {}); // the view says it
    started.set(this, begun);
  }
}

export class AnyView extends DOMWidgetView {
  async render() {
    super.render();
    const author = await started.get(this.model);
    const left = new AbortController();
    const proxied = proxy(this.model, this);
    const options = { model: proxied, el: this.el, experimental: experimental(this.model), signal: left.signal };
    const leave = await author.render?.(options);
    this.once("remove", () => {
      left.abort();
      this.model.off(null, null, this);
      if (typeof leave === "function") leave();
    });
  }
}

async function start(model) {
  const digest = model.widget_manager.modules.get(model.model_id) ?? await digested(model.get("_esm"));
  const { default: made, render, initialize } = await import(`${FOLDER}${digest}.js`);
  const author = typeof made === "function" ? await made() : made ?? { render, initialize };
  const left = new AbortController();
  const leave = await author.initialize?.({
    model: proxy(model, author), experimental: experimental(model), signal: left.signal,
  });
  model.once("destroy", () => {
    left.abort();
    if (typeof leave === "function") leave();
  });
  return author;
}

/** The name of a module that a kernel has sent: a file that its notebook had at rest, too. */
async function digested(text) {
  const digest = await crypto.subtle.digest("SHA-256", new TextEncoder().encode(text));
  return Array.from(new Uint8Array(digest), one => one.toString(16).padStart(2, "0")).join("").slice(0, 32);
}

/** An author's stylesheet; all widgets of a kind share one. */
function dress(css) {
  if (!css || worn.has(css)) return;
  worn.add(css);
  wear(css);
}

/** What an author's module sees of a model. */
const proxy = (model, context) => ({
  get: key => model.get(key),
  set: (key, value) => model.set(key, value),
  save_changes: () => model.save_changes(),
  send: (content, callbacks, buffers) => model.send(content, callbacks, buffers),
  on: (name, callback) => model.on(name, callback, context),
  off: (name, callback) => model.off(name, callback, context),
  widget_manager: model.widget_manager,
});

/** A command of the widget's Python class (`anywidget.experimental.command`), and its answer. */
const experimental = model => ({
  invoke: (name, msg, { buffers = [], signal = AbortSignal.timeout(PATIENCE) } = {}) => new Promise((resolve, reject) => {
    const id = unique();
    const done = () => model.off("msg:custom", answered);
    const answered = (answer, parts) => {
      if (answer?.id !== id) return;
      done();
      resolve([answer.response, parts]);
    };
    signal.addEventListener("abort", () => (done(), reject(signal.reason)));
    model.on("msg:custom", answered);
    model.send({ id, kind: "anywidget-command", name, msg }, undefined, buffers);
  }),
});
