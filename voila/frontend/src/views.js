/* ipywidgets' views where a post's page asks more of them: HTML from kernels goes through the sanitiser, and a file
   that is chosen is a reader's act; and a bar of progress is heard, not only seen. */
import { CheckboxView, DescriptionView, FileUploadView, HTMLMathView, HTMLView, ProgressView, StringView } from "@jupyter-widgets/controls";
import { dress, fill } from "./sanitize.js";

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
