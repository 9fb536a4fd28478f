/* ipywidgets' views where a post's page asks more of them: HTML from kernels goes through the sanitiser, and a file
   that is chosen is a reader's act; and a bar of progress is heard, not only seen. Layouts, styles and classes are
   those that the stills have, too. */
import { DOMWidgetView, LayoutView, StyleView } from "@jupyter-widgets/base";
import { CheckboxView, DescriptionView, FileUploadView, HTMLMathView, HTMLView, ProgressView, StringView } from "@jupyter-widgets/controls";
import { fits, mayWear } from "./declarations.js";
import { dress, fill } from "./sanitize.js";

const { handleChange: lay } = LayoutView.prototype;
LayoutView.prototype.handleChange = function (trait, value) {
  lay.call(this, trait, value != null && fits(this.css_name(trait), String(value)) ? value : null);
};

const { handleChange: dye } = StyleView.prototype;
StyleView.prototype.handleChange = function (trait, value) {
  const property = this.model.constructor.styleProperties[trait].attribute;
  dye.call(this, trait, value != null && fits(property, String(value)) ? value : null);
};

const { update_classes: wear } = DOMWidgetView.prototype;
DOMWidgetView.prototype.update_classes = function (before, now, element) {
  // What ipywidgets itself says of a state comes this way as well.
  const told = now === this.model.get("_dom_classes");
  wear.call(this, told ? before.filter(mayWear) : before, told ? now.filter(mayWear) : now, element);
};

HTMLView.prototype.update = function () {
  fill(this.content, this.model.get("value"));
  return StringView.prototype.update.call(this);
};

HTMLMathView.prototype.update = function () {
  fill(this.content, this.model.get("value"));
  this.typeset(this.content);
  return StringView.prototype.update.call(this);
};

// Their HTML has gone through the manager's inline_sanitize; its styles could not stay in the text.
for (const View of [DescriptionView, CheckboxView]) {
  const update = View.prototype.updateDescription;
  View.prototype.updateDescription = function () {
    update.call(this);
    dress(this.el);
  };
}

// The element that the file is chosen by is never on the page, and choosing takes its time.
const render = FileUploadView.prototype.render;
FileUploadView.prototype.render = function () {
  render.call(this);
  this.fileInput.addEventListener("change", event => event.isTrusted && this.model.widget_manager.touched());
};

const bar = ProgressView.prototype.update;
ProgressView.prototype.update = function () {
  bar.call(this);
  const { progress, model } = this;
  progress.setAttribute("role", "progressbar");
  for (const [key, name] of [["min", "aria-valuemin"], ["max", "aria-valuemax"], ["value", "aria-valuenow"]]) {
    progress.setAttribute(name, model.get(key));
  }
  progress.setAttribute("aria-label", this.label?.textContent.trim() || "Progress");
};
