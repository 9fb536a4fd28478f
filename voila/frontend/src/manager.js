/* The widgets' manager of one notebook: its models, made from the state at rest, and what its kernel says to them. */
import * as base from "@jupyter-widgets/base";
import { ManagerBase } from "@jupyter-widgets/base-manager";
import * as controls from "@jupyter-widgets/controls";
import { adopt } from "./adopted.js";
import * as anywidget from "./anywidget.js";
import * as messaging from "@lumino/messaging";
import * as lumino from "@lumino/widgets";
import { Comm, NOBODY } from "./comm.js";
import { typesetter } from "./mathematics.js";
import * as output from "./output.js";
import { inline } from "./sanitize.js";
import "./views.js";

// Output and anywidget are 2 kB together: less than a request costs. What else there is comes when it is used.
const OWN = {
  "@jupyter-widgets/base": base,
  "@jupyter-widgets/controls": controls,
  "@jupyter-widgets/output": output,
  anywidget,
};
// What others' widgets take from here, so that all work with the same.
const SHARED = { ...OWN, "@lumino/messaging": messaging, "@lumino/widgets": lumino };
const OUTPUTS = new Set(["stream", "display_data", "execute_result", "error", "clear_output", "update_display_data"]);
const TARGET = "jupyter.widget";

export class Manager extends ManagerBase {
  _rendermime = { latexTypesetter: typesetter }; // where ipywidgets looks for who sets mathematics
  modules = new Map(); // anywidgets' ids -> the digests of their modules

  #session;
  #comms = new Map();
  #models = new Map(); // those that have been made
  #views = new Set(); // those at the top

  constructor(session) {
    super();
    this.#session = session;
    let asked = 0;
    addEventListener("resize", () => {
      cancelAnimationFrame(asked);
      asked = requestAnimationFrame(() => this.#views.forEach(view =>
        messaging.MessageLoop.postMessage(view.luminoWidget, lumino.Widget.ResizeMessage.UnknownSize)));
    });
  }

  /** Make the models of a state at rest. */
  load(states) {
    // All are registered before the first is made: they name each other.
    return Promise.allSettled(Object.entries(states).map(([id, told]) => {
      const { model_name, model_module, model_module_version, state, module } = told;
      if (module) this.modules.set(id, module);
      const comm = this.#comm(id);
      return this.new_model({ model_name, model_module, model_module_version, model_id: id, comm }, state);
    }));
  }

  /** Take over the state of another generation, but for what the reader has set. */
  async renew(states) {
    const known = Object.entries(states).filter(([id]) => this.#models.has(id));
    await this.load(Object.fromEntries(Object.entries(states).filter(([id]) => !this.#models.has(id))));
    for (const [id, { state, module, model_name: name }] of known) {
      const model = this.#models.get(id);
      if (model.name !== name) continue;
      if (module) this.modules.set(id, module);
      const kept = Object.entries(state).filter(([key]) => !this.#session.replay.has(id, key));
      model.set_state(await model.constructor._deserialize_state(Object.fromEntries(kept), this));
    }
  }

  /** Show a widget in an element. */
  async show(id, element) {
    const view = await this.create_view(await this.get_model(id));
    if (view instanceof base.ErrorWidgetView) throw new Error(`the widget ${id} can't be shown`);
    lumino.Widget.attach(view.luminoWidget, element);
    this.#views.add(view);
    view.once("remove", () => this.#views.delete(view));
    return view;
  }

  /** Resolves when the views that have been asked for are there, those inside them too. */
  async settled() {
    for (let before = -1, now = 0; before !== now; ) {
      before = now;
      const views = [...this.#models.values()].flatMap(model => Object.values(model.views ?? {}));
      const made = await Promise.allSettled(views);
      await Promise.allSettled(made.flatMap(({ value }) => [value?.layoutPromise, value?.stylePromise]));
      now = [...this.#models.values()].reduce((sum, model) => sum + Object.keys(model.views ?? {}).length, 0);
    }
  }

  /** Take in a message of the kernel's. */
  async heard(message) {
    const { content, parent_header: asked, header: { msg_type: type } } = message;
    if (type === "comm_msg") await this.#comms.get(content.comm_id)?.take(message);
    else if (type === "comm_open" && content.target_name === TARGET) {
      await this.handle_comm_open(this.#comm(content.comm_id), message);
    } else if (type === "comm_close") {
      const comm = this.#comms.get(content.comm_id);
      this.#comms.delete(content.comm_id);
      this.#session.replay.forget(content.comm_id);
      comm?.gone(message);
    } else if (OUTPUTS.has(type)) {
      for (const model of this.outputs) {
        if (model.get("msg_id") === asked.msg_id || type === "update_display_data") await model.take(type, content);
      }
    }
  }

  /** Another kernel begins at rest: so do the Outputs. */
  restarted(states) {
    for (const model of this.outputs) model.restarted(states[model.model_id]?.state.outputs ?? []);
  }

  /** The Output widgets. */
  get outputs() { return [...this.#models.values()].filter(({ name }) => name === "OutputModel"); }

  register_model(id, promise) {
    super.register_model(id, promise);
    promise.then(model => {
      this.#models.set(id, model);
      if (model.name === "OutputModel") this.#session.replay.never(id);
      model.once("comm:close", () => this.#models.delete(id));
    });
  }

  /** The reader has done something that no figure saw. */
  touched() { this.#session.touched(); }

  inline_sanitize(text) { return inline(text); }

  async loadClass(name, module, version) {
    const found = (await widgets(module))[name];
    if (!found) throw new Error(`there is no ${name} in ${module} ${version}`);
    return found;
  }

  /** Say whether a widget can be shown here, at rest. */
  static async has({ model_module: module, model_name: name, model_module_version: version, state }) {
    // A figure of ipympl has no picture before its kernel has been asked for one.
    if (name === "MPLCanvasModel" && !state._data_url) return false;
    return name in await widgets(module).catch(() => ({}));
  }

  #comm(id) {
    if (!this.#comms.has(id)) this.#comms.set(id, new Comm(this.#session, id, TARGET));
    return this.#comms.get(id);
  }

  // A page makes no widgets in the kernel; what asks for one gets a comm that leads nowhere.
  async _create_comm(target, id) { return new Comm(NOBODY, id ?? base.uuid(), target); }

  async _get_comm_info() { return {}; }
}

async function widgets(module) {
  const own = Object.hasOwn(OWN, module);
  if (module === "anywidget" || !own) adopt(); // others' scripts bring stylesheets
  return own ? OWN[module] : (await import("./federation.js")).load(module, SHARED);
}
