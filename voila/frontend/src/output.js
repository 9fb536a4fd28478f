/* Output widgets: what a kernel prints, draws and displays while it works for one. */
import { DOMWidgetView } from "@jupyter-widgets/base";
import { OutputModel as Model } from "@jupyter-widgets/output";
import { element as shown } from "./mime.js";

export class OutputModel extends Model {
  #clear = false; // with the next output
  #base = []; // what is kept then

  defaults() { return { ...super.defaults(), msg_id: "", outputs: [] }; }

  /** Take in a message that the kernel sent while it worked for this widget, or to change what is displayed. */
  take(type, content) {
    if (type === "update_display_data") return this.#update(content);
    if (type === "clear_output") {
      this.#clear = true;
      this.#base = [];
      if (!content.wait) this.#put([]);
      return;
    }
    const outputs = this.#clear ? [...this.#base] : [...this.get("outputs")];
    this.#clear = false;
    const last = outputs.at(-1);
    if (type === "stream" && last?.output_type === "stream" && last.name === content.name) {
      outputs[outputs.length - 1] = { ...last, text: last.text + content.text };
    } else {
      outputs.push(output(type, content));
    }
    this.#put(outputs);
  }

  /** Another kernel begins: what it says follows what was there at rest, in the place of what is there now. */
  restarted(outputs) {
    this.#clear = true;
    this.#base = outputs;
  }

  #update({ data, metadata, transient }) {
    const id = transient?.display_id;
    const outputs = this.get("outputs");
    if (!id || !outputs.some(one => one.transient?.display_id === id)) return;
    this.#put(outputs.map(one => (one.transient?.display_id === id ? { ...one, data, metadata } : one)));
  }

  #put(outputs) {
    this.set("outputs", outputs);
    // The kernel's side holds what the page has gathered; where it goes to is the kernel's to say.
    this.save_changes();
  }
}

/** An output as notebooks have it; what an error holds beside its name stays in the kernel. */
function output(type, { name, text, data, metadata, transient, execution_count, ename, evalue }) {
  if (type === "stream") return { output_type: type, name, text };
  if (type === "error") return { output_type: type, ename, evalue, traceback: [] };
  const shared = { output_type: type, data, metadata, ...(transient && { transient }) };
  return type === "execute_result" ? { ...shared, execution_count } : shared;
}

export class OutputView extends DOMWidgetView {
  #turn = 0;
  #inside = []; // the views of widgets among the outputs

  render() {
    super.render();
    this.el.classList.add("jupyter-widgets", "widget-output", "live-output");
    this.listenTo(this.model, "change:outputs", this.draw);
    return this.draw();
  }

  /** Show the outputs in the place of those before, once their pictures are there. */
  async draw() {
    const turn = ++this.#turn;
    const made = await Promise.all(this.model.get("outputs").map(one => shown(one, this.model.widget_manager)));
    if (turn !== this.#turn) return;
    this.#clear();
    this.el.replaceChildren(...made.map(({ element }) => element));
    const settled = await Promise.allSettled(made.map(({ attached }) => attached?.()));
    const views = settled.flatMap(({ value }) => (value?.remove ? [value] : []));
    if (turn === this.#turn) this.#inside = views;
    else views.forEach(view => view.remove());
  }

  remove() {
    this.#turn += 1;
    this.#clear();
    return super.remove();
  }

  /** Let go of views while they are on the page, as lumino wants it. */
  #clear() {
    this.#inside.forEach(view => view.remove());
    this.#inside = [];
  }
}
